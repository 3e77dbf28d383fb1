using EventBus;
using EventBus.Lifecycle;
using EventBus.Testing;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Makes a registered event bus testable.</summary>
public static class EventBusTestingServiceCollectionExtensions
{
    /// <summary>Puts the container's bus under test: whatever the application registers, before or after, its event log is one in memory, its clock and the container's
    /// <see cref="TimeProvider"/> are a <see cref="TestClock"/>, and <see cref="TestBus"/> looks on. <see cref="IEventBus"/> stays the bus itself.</summary>
    /// <param name="services">The container's services, for example those of <c>ConfigureTestServices</c>.</param>
    /// <param name="configure">Says how the bus differs from one in production. Several calls add to each other.</param>
    /// <returns>The services, for chaining.</returns>
    /// <remarks>A file that the application chose is neither made nor opened. A <see cref="TimeProvider"/> that is registered after this call is a configuration error when the bus is built.</remarks>
    public static IServiceCollection AddEventBusTesting(this IServiceCollection services, Action<TestBusBuilder>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        var builder = services.FirstOrDefault(static service => service is { IsKeyedService: false, ImplementationInstance: TestBusBuilder })?.ImplementationInstance as TestBusBuilder;
        if (builder is null)
        {
            builder = new TestBusBuilder();
            services.AddSingleton(builder);
            services.AddEventBus(bus => bus.UseHarness(() => new Life(builder.Parts)));
            services.AddSingleton(static provider => ((Life)((Bus)provider.GetRequiredService<IEventBus>()).Parts.Harness!).Test);
            services.AddSingleton(static provider => provider.GetRequiredService<TestBusBuilder>().Clock);
        }

        configure?.Invoke(builder);
        services.RemoveAll<TimeProvider>();
        services.AddSingleton<TimeProvider>(static provider => provider.GetRequiredService<TestBusBuilder>().Clock);
        return services;
    }
}
