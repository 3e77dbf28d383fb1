using EventBus.Events;
using EventBus.Observing;
using EventBus.Publishing;
using EventBus.Queueing;
using EventBus.Recording;
using EventBus.Routing;
using EventBus.Storage;
using EventBus.Timing;

namespace EventBus.Lifecycle;

/// <summary>Delivers dead letters again, each to its own subscription only.</summary>
internal sealed class Redrive(RouteTable routes, Intake intake, Recorder? recorder, object bus, IBusObserver? observer)
{
    /// <summary>Redrives a letter of a durable subscription: the letter is marked, and the delivery has a row, in one transaction.</summary>
    /// <returns>Whether it was there; nothing where it is no such letter.</returns>
    public async ValueTask<bool?> FromLogAsync(long id, CancellationToken cancellationToken)
    {
        if (recorder is null || id <= 0)
            return null;
        var session = recorder.Session;
        if (await session.Reader.ReadAsync(log => log.ReadDeadLetter(id)).WaitAsync(cancellationToken).AnyContext() is not { } letter)
            return false;
        if (Find(letter.Subscription) is not DurableSubscription subscription)
            return null;
        var sequence = letter.Record.Sequence;
        var @event = session.Codec.Decode(letter.Record);
        var key = subscription.KeyOf(@event, letter.Record);
        var marked = await session.Writer.SubmitAsync(transaction =>
        {
            if (!transaction.MarkDeadLetter(id, isRedriven: true))
                return false;
            transaction.SaveDelivery(subscription.Name, new LogDelivery { Sequence = sequence, DeadLetterId = id, Key = key, State = LogDeliveryState.Waiting });
            return true;
        }).AnyContext();
        if (marked)
        {
            observer?.Accepting(@event, RecordCodec.MetadataOf(letter.Record, subscription.Name));
            subscription.Redrive(sequence, id, key);
        }

        return marked;
    }

    /// <summary>Puts a letter that was taken out of its store into the queue of its subscription.</summary>
    public async ValueTask DeliverAsync(DeadLetter letter, CancellationToken cancellationToken)
    {
        if (Find(letter.Subscription) is not QueuedSubscription subscription)
            throw new InvalidOperationException($"Dead letter {letter.Id} belongs to subscription '{letter.Subscription}', which does not exist. Add a subscription of that name, or purge the letter.");
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

    private Subscription? Find(string name) => routes.Subscriptions.FirstOrDefault(subscription => subscription.Name == name);
}
