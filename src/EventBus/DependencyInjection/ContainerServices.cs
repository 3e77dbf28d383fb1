using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace EventBus.DependencyInjection;

/// <summary>Tells the container of the classes that a bus was given, unless the application has done so itself. A bus without a container has nobody to tell.</summary>
internal sealed class ContainerServices(IServiceCollection? services)
{
    // What is found by looking gives way to what is registered by name.
    private readonly List<ServiceDescriptor> _found = [];

    public IServiceCollection? All => services;

    public void Add<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] THandler>(HandlerLifetime lifetime)
        where THandler : class
    {
        if (services is null || typeof(THandler).IsAbstract)
            return;
        if (_found.Find(static service => service.ServiceType == typeof(THandler)) is { } found)
        {
            _found.Remove(found);
            services.Remove(found);
        }

        services.TryAdd(ServiceDescriptor.Describe(typeof(THandler), typeof(THandler), lifetime.InContainer()));
    }

    public void Add(List<Middleware> middleware)
    {
        if (services is not null)
            middleware.ForEach(one => one.Register(services));
    }

    [RequiresUnreferencedCode("The handler may have been trimmed.")]
    public void AddOpen(Type handler, HandlerLifetime lifetime) => services?.TryAdd(ServiceDescriptor.Describe(handler, handler, lifetime.InContainer()));

    [RequiresUnreferencedCode("The handler may have been trimmed.")]
    public void AddFound(Type handler, HandlerLifetime lifetime)
    {
        if (services is null || services.Any(service => !service.IsKeyedService && service.ServiceType == handler))
            return;
        var service = ServiceDescriptor.Describe(handler, handler, lifetime.InContainer());
        services.Add(service);
        _found.Add(service);
    }
}
