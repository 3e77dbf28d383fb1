using EventBus.Observing;
using EventBus.Recording;
using EventBus.Routing;
using EventBus.Storage;
using EventBus.Timing;

namespace EventBus.Lifecycle;

/// <summary>Delivers dead letters of durable subscriptions again: they are in the log.</summary>
internal sealed class LogRedrive(RouteTable routes, Recorder recorder, IBusObserver? observer)
{
    /// <summary>Marks a letter and gives its delivery a row, in one transaction.</summary>
    /// <returns>Whether it was there; nothing where it is no letter of a durable subscription.</returns>
    public async ValueTask<bool?> DeliverAsync(long id, CancellationToken cancellationToken)
    {
        if (id <= 0)
            return null;
        var session = recorder.Session;
        if (await session.Reader.ReadAsync(log => log.ReadDeadLetter(id)).WaitAsync(cancellationToken).AnyContext() is not { } letter)
            return false;
        // Before the letter is taken out of the log: a process that dies in between would lose it.
        if ((routes.Subscriptions.FirstOrDefault(each => each.Name == letter.Subscription) ?? throw Redrive.NoSubscription(id, letter.Subscription)) is not DurableSubscription subscription)
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
}
