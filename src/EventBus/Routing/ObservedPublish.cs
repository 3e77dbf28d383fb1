using EventBus.Events;
using EventBus.Observing;
using EventBus.Timing;

namespace EventBus.Routing;

/// <summary>Tells an observer of a publish, before anybody has the event and when it is over.</summary>
internal static class ObservedPublish
{
    /// <param name="observer">The observer.</param>
    /// <param name="host">The bus.</param>
    /// <param name="event">The event.</param>
    /// <param name="stamp">Its stamp.</param>
    /// <param name="details">What it carries; here the log writes its sequence.</param>
    /// <param name="origin">Where it is published.</param>
    /// <param name="durable">The subscriptions that get it from the log.</param>
    /// <param name="publish">Publishes it.</param>
    public static async ValueTask RunAsync(IBusObserver observer, IDeliveryHost host, object @event, Stamp stamp, EventDetails details, PublishOrigin? origin, IReadOnlyList<string> durable, Func<EventDetails, ValueTask> publish)
    {
        var metadata = Described.Of(host, @event, stamp, details);
        Exception? failure = null;
        observer.Publishing(@event, metadata, origin?.Subscription);
        try
        {
            await publish(details).AnyContext();
        }
        catch (Exception error)
        {
            failure = error;
            throw;
        }
        finally
        {
            observer.Published(metadata with { Sequence = details.Sequence > 0 ? details.Sequence : null }, durable, failure);
        }
    }
}
