using EventBus.Events;
using EventBus.Observing;
using EventBus.Publishing;
using EventBus.Queueing;
using EventBus.Routing;
using EventBus.Timing;

namespace EventBus.Lifecycle;

/// <summary>Delivers dead letters of queued subscriptions again, each to its own subscription only.</summary>
internal sealed class Redrive(RouteTable routes, Intake intake, object bus, IBusObserver? observer)
{
    public static InvalidOperationException NoSubscription(long id, string subscription) =>
        new($"Dead letter {id} belongs to subscription '{LogText.Safe(subscription)}', which does not exist. Add a subscription of that name, or purge the letter.");

    /// <summary>Puts a letter that was taken out of its store into the queue of its subscription.</summary>
    public async ValueTask DeliverAsync(DeadLetter letter, CancellationToken cancellationToken)
    {
        if (routes.Subscriptions.FirstOrDefault(each => each.Name == letter.Subscription) is not QueuedSubscription subscription)
            throw NoSubscription(letter.Id, letter.Subscription);
        if (letter.Event is UnreadableEvent unreadable)
            throw new InvalidOperationException($"Dead letter {letter.Id} has no event to deliver: {unreadable.Problem}");
        if (!intake.IsOpen && intake.Refuse(null) is { } refusal)
            throw refusal;
        var details = new EventDetails
        {
            Id = letter.Metadata.Id,
            Source = letter.Metadata.Source,
            Subject = letter.Metadata.Subject,
            Key = letter.Metadata.Key,
            CorrelationId = letter.Metadata.CorrelationId,
            CausationId = letter.Metadata.CausationId,
            Headers = letter.Metadata.Headers,
            Trace = TraceContext.Of(letter.Metadata.TraceParent, letter.Metadata.TraceState),
        };
        var stamp = new Stamp(letter.Metadata.Time.UtcTicks, 0);
        var fromWorker = WorkerMark.IsOf(bus);
        observer?.Accepting(letter.Event, letter.Metadata);
        switch (subscription.Offer(letter.Event, stamp, details, fromWorker))
        {
            case Admission.Accepted or Admission.AcceptedDroppingOldest:
                return;
            case Admission.MustWait:
                await subscription.WaitForRoomAsync(letter.Event, stamp, details, cancellationToken).AnyContext();
                return;
            case Admission.Closed:
                observer?.NotAccepted(letter.Metadata);
                throw new EventBusStoppedException();
            default:
                observer?.NotAccepted(letter.Metadata);
                throw new QueueFullException(letter.Metadata.Type, [letter.Subscription], []);
        }
    }
}
