using EventBus.Observing;
using EventBus.Routing;

namespace EventBus.Lifecycle;

/// <summary>The subscriptions that metrics tell of.</summary>
internal sealed class MeasuredSubscriptions(RouteTable routes)
{
    // The meters of a process are known for as long as it runs; a bus that nobody disposes must not be.
    private readonly WeakReference<RouteTable> _routes = new(routes);

    // Without streams and what else may be there for each visitor: a series for each name that there ever was would have no end.
    public IReadOnlyList<IMeasured> Read() =>
        _routes.TryGetTarget(out var table) ? [.. table.Subscriptions.Where(static subscription => subscription is { Mode: not DeliveryMode.Stream, IsOneOfMany: false })] : [];
}
