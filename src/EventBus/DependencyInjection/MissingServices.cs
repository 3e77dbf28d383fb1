using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using System.Runtime.CompilerServices;
using EventBus.Events;
using Microsoft.Extensions.DependencyInjection;

namespace EventBus.DependencyInjection;

/// <summary>Finds what a class would take from the container and the container does not have, without making anything.</summary>
/// <remarks>Silent where it cannot be sure: about what a factory makes, and in a container that has no <see cref="IServiceProviderIsService"/>. The constructors of classes are looked at in Microsoft's container alone: another one may
/// have been told of a class elsewhere, and make it in another way.</remarks>
internal sealed class MissingServices
{
    private const string MicrosoftsContainer = "Microsoft.Extensions.DependencyInjection";

    private readonly IServiceProviderIsService? _container;
    private readonly IServiceProviderIsKeyedService? _keyed;
    private readonly IServiceCollection? _descriptors;
    private readonly MissingBus? _missingBus;

    public MissingServices(IServiceCollection? descriptors, IServiceProvider services)
    {
        if (descriptors is null)
            return;
        _container = (IServiceProviderIsService?)services.GetService(typeof(IServiceProviderIsService));
        _keyed = (IServiceProviderIsKeyedService?)services.GetService(typeof(IServiceProviderIsKeyedService));
        if (_container?.GetType().Assembly.GetName().Name == MicrosoftsContainer)
            _descriptors = descriptors;
        _missingBus = (MissingBus?)services.GetService(typeof(MissingBus));
    }

    /// <summary>Whether the container can be asked for a service. Yes, where it does not say.</summary>
    public bool Knows(Type service) => _container?.IsService(service) != false;

    /// <summary>What is missing for a service that the container knows: a sentence for each, which begins with what takes it.</summary>
    public List<string> For(Type service)
    {
        var missing = new List<string>();
        LookAt(service, null, [], missing);
        return missing;
    }

    /// <summary>What is missing for an open generic class, whatever it is closed with.</summary>
    public List<string> ForOpen(Type definition)
    {
        var missing = new List<string>();
        if (_descriptors is not null && Last(definition, null) is { ImplementationType: { } implementation })
            LookAtConstructors(implementation, null, [], missing);
        return missing;
    }

    private void LookAt(Type service, object? key, HashSet<(Type, object?)> seen, List<string> missing)
    {
        if (_descriptors is null || !seen.Add((service, key)))
            return;
        if (Last(service, key) is { } descriptor)
            LookAt(descriptor, null, key, seen, missing);
        else if (service.IsConstructedGenericType && service.GetGenericTypeDefinition() == typeof(IEnumerable<>))
            LookAtAll(service.GetGenericArguments()[0], key, seen, missing);
        else if (service.IsConstructedGenericType && Last(service.GetGenericTypeDefinition(), key) is { } open)
            LookAt(open, service, key, seen, missing);
    }

    private void LookAtAll(Type service, object? key, HashSet<(Type, object?)> seen, List<string> missing)
    {
        foreach (var descriptor in _descriptors!) // Asked before.
        {
            if (descriptor.ServiceType == service && IsFor(descriptor, key))
                LookAt(descriptor, null, key, seen, missing);
        }
    }

    /// <param name="descriptor">How the service is made.</param>
    /// <param name="closed">What is asked for, where the descriptor is of an open generic service.</param>
    /// <param name="key">The key under which it is asked for.</param>
    /// <param name="seen">What was looked at before.</param>
    /// <param name="missing">Is told.</param>
    private void LookAt(ServiceDescriptor descriptor, Type? closed, object? key, HashSet<(Type, object?)> seen, List<string> missing)
    {
        if (MissingBus.StandsFor(descriptor))
            missing.Add($" {_missingBus?.Error(key).Message}");
        else if (closed is not null && ImplementationOf(descriptor) is { IsGenericTypeDefinition: true } open)
            LookAtClosed(open, closed, key, seen, missing);
        else if (closed is null && ImplementationOf(descriptor) is { } implementation)
            LookAtConstructors(implementation, key, seen, missing);
    }

    [UnconditionalSuppressMessage("Trimming", "IL2055", Justification = "The container makes the same type, of the same arguments, when it is asked for the service.")]
    [UnconditionalSuppressMessage("Trimming", "IL2068", Justification = "As above: the constructors of the definition are kept, and with them those of what is made of it.")]
    [UnconditionalSuppressMessage("Trimming", "IL2072", Justification = "As above.")]
    [UnconditionalSuppressMessage("AOT", "IL3050", Justification = "Asked only where types can be made at run time.")]
    private void LookAtClosed([DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] Type open, Type closed, object? key, HashSet<(Type, object?)> seen, List<string> missing)
    {
        if (!RuntimeFeature.IsDynamicCodeSupported || open.GetGenericArguments().Length != closed.GetGenericArguments().Length)
            return;
        Type implementation;
        try
        {
            implementation = open.MakeGenericType(closed.GetGenericArguments());
        }
        catch (ArgumentException)
        {
            // Its constraints do not allow it, and the container does not use it either.
            return;
        }

        LookAtConstructors(implementation, key, seen, missing);
    }

    // The container takes a public constructor that it has everything for. Without one that comes nearest is told of.
    private void LookAtConstructors(
        [DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] Type implementation, object? key, HashSet<(Type, object?)> seen, List<string> missing)
    {
        List<string>? fewest = null;
        foreach (var constructor in implementation.GetConstructors())
        {
            var lacks = new List<string>();
            foreach (var parameter in constructor.GetParameters())
            {
                if (!IsThere(parameter, key))
                    lacks.Add($"'{CodeNames.Full(implementation)}' takes {Named(parameter)}, which the container does not know. Register it, for example with {Registration(parameter)}.");
            }

            if (lacks.Count == 0)
            {
                // Of these only what is taken without fail: the container may prefer one with more parameters.
                if (implementation.GetConstructors().Length == 1)
                    LookAtWhatIsTaken(constructor, implementation, key, seen, missing);
                return;
            }

            if (fewest is null || lacks.Count < fewest.Count)
                fewest = lacks;
        }

        if (fewest is not null)
            missing.AddRange(fewest);
        else if (!implementation.IsValueType)
            missing.Add($"'{CodeNames.Full(implementation)}' has no public constructor, so that the container cannot make it. Give it one, or register it with a factory.");
    }

    private void LookAtWhatIsTaken(ConstructorInfo constructor, Type implementation, object? key, HashSet<(Type, object?)> seen, List<string> missing)
    {
        foreach (var parameter in constructor.GetParameters())
        {
            if (parameter.ParameterType.ContainsGenericParameters || parameter.IsDefined(typeof(ServiceKeyAttribute)) || !IsKeyKnown(parameter, out var asked))
                continue;
            var deeper = new List<string>();
            LookAt(parameter.ParameterType, asked, seen, deeper);
            foreach (var one in deeper)
                missing.Add(one[0] == ' ' ? $"'{CodeNames.Full(implementation)}' takes {Named(parameter)}.{one}" : $"'{CodeNames.Full(implementation)}' takes {Named(parameter)}: {one}");
        }
    }

    private bool IsThere(ParameterInfo parameter, object? key)
    {
        if (parameter.HasDefaultValue || parameter.ParameterType.ContainsGenericParameters)
            return true;
        // It is given the key under which it is asked for itself.
        if (parameter.IsDefined(typeof(ServiceKeyAttribute)))
            return true;
        if (!IsKeyKnown(parameter, out var asked))
            return true;
        return asked is null ? Knows(parameter.ParameterType) : _keyed?.IsKeyedService(parameter.ParameterType, asked) != false;
    }

    // [FromKeyedServices] may also mean the key of what it stands in, or none.
    private static bool IsKeyKnown(ParameterInfo parameter, out object? key)
    {
        key = null;
        if (parameter.GetCustomAttribute<FromKeyedServicesAttribute>() is not { } from)
            return true;
        key = from.Key;
        return key is not null;
    }

    private static string Named(ParameterInfo parameter) =>
        $"'{CodeNames.Full(parameter.ParameterType)}'{(IsKeyKnown(parameter, out var key) && key is not null ? $" with the key \"{Observing.LogText.Safe(key.ToString())}\"" : "")}";

    private static string Registration(ParameterInfo parameter) => IsKeyKnown(parameter, out var key) && key is not null
        ? $"services.AddKeyedScoped<{CodeNames.Short(parameter.ParameterType)}>(...)"
        : $"services.AddScoped<{CodeNames.Short(parameter.ParameterType)}>(...)";

    private ServiceDescriptor? Last(Type service, object? key)
    {
        ServiceDescriptor? forAnyKey = null;
        for (var i = _descriptors!.Count - 1; i >= 0; i--)
        {
            var descriptor = _descriptors[i];
            if (descriptor.ServiceType != service)
                continue;
            if (IsFor(descriptor, key))
                return descriptor;
            if (key is not null && descriptor.IsKeyedService && descriptor.ServiceKey == KeyedService.AnyKey)
                forAnyKey ??= descriptor;
        }

        return forAnyKey;
    }

    private static bool IsFor(ServiceDescriptor descriptor, object? key) => key is null ? !descriptor.IsKeyedService : descriptor.IsKeyedService && Equals(descriptor.ServiceKey, key);

    [return: DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)]
    private static Type? ImplementationOf(ServiceDescriptor descriptor) => descriptor.IsKeyedService ? descriptor.KeyedImplementationType : descriptor.ImplementationType;
}
