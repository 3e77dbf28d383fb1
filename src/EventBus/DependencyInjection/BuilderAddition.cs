using Microsoft.Extensions.DependencyInjection;

namespace EventBus.DependencyInjection;

/// <summary>What another package adds to a bus that is not registered yet.</summary>
internal sealed class BuilderAddition(string? key, Action<EventBusBuilder> configure)
{
    public static void Keep(IServiceCollection services, string? key, Action<EventBusBuilder> configure) => services.AddSingleton(new BuilderAddition(key, configure));

    /// <summary>Adds what waits for a bus, which is registered now.</summary>
    public static void Apply(IServiceCollection services, string? key, EventBusBuilder builder)
    {
        for (var i = 0; i < services.Count; i++)
        {
            if (services[i] is { IsKeyedService: false, ImplementationInstance: BuilderAddition addition } && addition.IsFor(key))
                addition.ApplyTo(builder);
        }
    }

    private bool IsFor(string? asked) => key == asked;

    private void ApplyTo(EventBusBuilder builder) => configure(builder);
}
