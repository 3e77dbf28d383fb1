using Microsoft.Extensions.DependencyInjection;

namespace EventBus.Handling;

/// <summary>The services of one scope, as one object: registered as scoped, so that whoever asks in the same scope gets the same. Some containers make another provider each time they are asked for one.</summary>
internal sealed class ScopeServices(IServiceProvider services) : IKeyedServiceProvider
{
    public object? GetService(Type serviceType) => services.GetService(serviceType);

    public object? GetKeyedService(Type serviceType, object? serviceKey) => ((IKeyedServiceProvider)services).GetKeyedService(serviceType, serviceKey);

    public object GetRequiredKeyedService(Type serviceType, object? serviceKey) => ((IKeyedServiceProvider)services).GetRequiredKeyedService(serviceType, serviceKey);
}
