using EventBus.Observing;
using EventBus.Routing;

namespace EventBus.Lifecycle;

/// <summary>Says whom a bus waits for, to somebody who waits for the bus in vain.</summary>
internal static class Unfinished
{
    /// <summary>A line for each subscription that has something in hand.</summary>
    public static IEnumerable<string> In(RouteTable routes)
    {
        foreach (var subscription in routes.Subscriptions.OfType<BackgroundSubscription>())
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
