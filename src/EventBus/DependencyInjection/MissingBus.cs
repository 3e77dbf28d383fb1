using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace EventBus.DependencyInjection;

/// <summary>Stands in a container that has only buses with keys for the one without, and says which keys there are.</summary>
internal sealed class MissingBus(IServiceCollection services)
{
    private static readonly Func<IServiceProvider, IEventBus> s_bus = static provider => throw provider.GetRequiredService<MissingBus>().Error();
    private static readonly Func<IServiceProvider, IEventPublisher> s_publisher = static provider => throw provider.GetRequiredService<MissingBus>().Error();

    /// <summary>Where somebody may ask for a bus without a key, and there is none.</summary>
    public static void Add(IServiceCollection services)
    {
        if (services.Any(static service => !service.IsKeyedService && service.ServiceType == typeof(MissingBus)))
            return;
        services.AddSingleton(new MissingBus(services));
        services.TryAddSingleton(s_bus);
        services.TryAddTransient(s_publisher);
    }

    /// <summary>Where there is one now.</summary>
    public static void Remove(IServiceCollection services)
    {
        for (var i = services.Count - 1; i >= 0; i--)
        {
            if (services[i] is { IsKeyedService: false, ImplementationFactory: { } factory } && (ReferenceEquals(factory, s_bus) || ReferenceEquals(factory, s_publisher)))
                services.RemoveAt(i);
        }
    }

    private InvalidOperationException Error()
    {
        var keys = services.Where(static service => service.IsKeyedService && service.ServiceType == typeof(IEventBus)).Select(static service => $"\"{service.ServiceKey}\"").Distinct().ToList();
        return new($"There is no event bus without a key, but with {(keys.Count == 1 ? "the key" : "the keys")} {string.Join(", ", keys)}."
            + $" Ask for that: [FromKeyedServices({keys[0]})] IEventPublisher, or GetRequiredKeyedService<IEventPublisher>({keys[0]}). Or add one without a key, with services.AddEventBus(...).");
    }
}
