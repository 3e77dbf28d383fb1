using EventBus.Observing;
using EventBus.Routing;
using EventBus.Timing;

namespace EventBus.Lifecycle;

/// <summary>Says whom a bus waits for, to somebody who waits for the bus in vain.</summary>
internal sealed class Unfinished(RouteTable routes) : IWorkInHand
{
    private IEnumerable<BackgroundSubscription> Background => routes.Unfinished.OfType<BackgroundSubscription>();

    public bool AnyRunning() => routes.AnyInline || Background.Any(static subscription => subscription.IsRunning);

    public IEnumerable<string> Describe()
    {
        foreach (var subscription in Background)
        {
            var waiting = subscription.Statistics.Waiting;
            if (subscription.IsRunning)
                yield return $"Subscription '{subscription.Name}' has {Handling(subscription)}, of {waiting} not settled.";
            else if (waiting > 0)
                yield return $"Subscription '{subscription.Name}' has {waiting} not settled, and {(subscription.IsPaused ? "is paused" : "they wait for their time")}.";
        }

        if (routes.AnyInline)
            yield return $"An inline handler has not returned, of {string.Join(" or ", routes.Subscriptions.OfType<InlineSubscription>().Select(static subscription => $"'{subscription.Name}'"))}.";
    }

    private static string Handling(BackgroundSubscription subscription) =>
        subscription.Account().Abandoned is [var running, ..]
            ? $"a handler that has not returned: {running.Type} (id {LogText.Safe(running.Id)})"
            : "a worker that does not go on";
}
