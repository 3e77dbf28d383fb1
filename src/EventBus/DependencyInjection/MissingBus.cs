using EventBus.Observing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace EventBus.DependencyInjection;

/// <summary>Stands in a container for every bus that it does not have, without a key and with any, and says which ones there are.</summary>
internal sealed class MissingBus(IServiceCollection services)
{
    private static readonly Func<IServiceProvider, IEventBus> s_bus = static provider => throw provider.GetRequiredService<MissingBus>().Error(null);
    private static readonly Func<IServiceProvider, IEventPublisher> s_publisher = static provider => throw provider.GetRequiredService<MissingBus>().Error(null);
    private static readonly Func<IServiceProvider, object?, object> s_withKey = static (provider, key) => throw provider.GetRequiredService<MissingBus>().Error(key);

    /// <summary>Where a bus may be asked for that is not there.</summary>
    public static void Add(IServiceCollection services)
    {
        if (services.Any(static service => !service.IsKeyedService && service.ServiceType == typeof(MissingBus)))
            return;
        services.AddSingleton(new MissingBus(services));
        services.TryAddSingleton(s_bus);
        services.TryAddTransient(s_publisher);
        services.Add(new ServiceDescriptor(typeof(IEventBus), KeyedService.AnyKey, s_withKey, ServiceLifetime.Singleton));
        services.Add(new ServiceDescriptor(typeof(IEventPublisher), KeyedService.AnyKey, s_withKey, ServiceLifetime.Transient));
    }

    /// <summary>Where there is one without a key now.</summary>
    public static void Remove(IServiceCollection services)
    {
        for (var i = services.Count - 1; i >= 0; i--)
        {
            if (!services[i].IsKeyedService && StandsFor(services[i]))
                services.RemoveAt(i);
        }
    }

    /// <summary>Whether a service is only there to say that a bus is missing.</summary>
    public static bool StandsFor(ServiceDescriptor service) => service.IsKeyedService
        ? ReferenceEquals(service.KeyedImplementationFactory, s_withKey)
        : service.ImplementationFactory is { } factory && (ReferenceEquals(factory, s_bus) || ReferenceEquals(factory, s_publisher));

    /// <param name="key">The key of the bus that was asked for; none for the one without.</param>
    public EventBusConfigurationException Error(object? key)
    {
        var keys = services.Where(static service => service.IsKeyedService && service.ServiceType == typeof(IEventBus) && !StandsFor(service)).Select(static service => Quoted(service.ServiceKey)).Distinct().ToList();
        var hasOneWithout = services.Any(static service => !service.IsKeyedService && service.ServiceType == typeof(IEventBus) && !StandsFor(service));
        var add = $"services.AddEventBus({(key is null ? "" : $"{Quoted(key)}, ")}...)";
        var missing = $"There is no event bus {(key is null ? "without a key" : $"with the key {Quoted(key)}")}";
        if (keys.Count == 0)
        {
            return Alone(hasOneWithout
                ? $"{missing}, but one without a key. Ask for that: IEventPublisher without [FromKeyedServices], GetRequiredService<IEventPublisher>(), AddEventBusHosting() or AddHealthChecks().AddEventBus(). Or add one with this key, with {add}."
                : $"{missing}, and none with any other. Add one with {add}.");
        }

        return Alone($"{missing}, but with the {(keys.Count == 1 ? "key" : "keys")} {string.Join(", ", keys)}{(hasOneWithout ? ", and one without a key" : "")}."
            + $" Ask for that: [FromKeyedServices({keys[0]})] IEventPublisher, GetRequiredKeyedService<IEventPublisher>({keys[0]}), AddEventBusHosting({keys[0]}) or AddHealthChecks().AddKeyedEventBus({keys[0]}). Or add one {(key is null ? "without a key" : "with this key")}, with {add}.");
    }

    // Nothing that is built is wrong: the message stands alone.
    private static EventBusConfigurationException Alone(string message) => new(message, null);

    private static string Quoted(object? key) => $"\"{LogText.Safe(key?.ToString())}\"";
}
