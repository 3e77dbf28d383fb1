using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;

namespace EventBus.Telemetry.Tests.Support;

/// <summary>A factory of meters that is only there to be named.</summary>
internal sealed class NoMeters : IMeterFactory
{
    public Meter Create(MeterOptions options) => throw new NotSupportedException();

    public void Dispose()
    {
    }
}

internal static class MeterFactories
{
    public static IEventBus BuildBus(this IServiceCollection services, IMeterFactory factory) =>
        services.AddSingleton(factory).AddEventBus(static bus => bus.Handle<OrderPlaced>(static (_, _, _) => default)).BuildServiceProvider().GetRequiredService<IEventBus>();
}
