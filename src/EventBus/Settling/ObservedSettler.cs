using EventBus.Events;
using EventBus.Observing;
using EventBus.Timing;

namespace EventBus.Settling;

/// <summary>Tells an observer what becomes of each delivery: before it counts as settled, or whoever waits until all is settled would not find it told.</summary>
internal sealed class ObservedSettler(ISettler settler, string subscription, IDeliveryHost host, IBusObserver observer, IdleSignal idle) : ISettler
{
    public async ValueTask<Parking?> SettleAsync(Outcome outcome, object @event, DeliveryContext context, RetryState? retry, TimeSpan took)
    {
        var delivery = Described.Of(host, @event, context.Stamp, context.Details, subscription, context.Attempt);
        if (retry?.Letter is null && IsSettled(outcome))
        {
            observer.Settled(@event, delivery, FateOf(outcome, null), outcome.Error, took, TimeSpan.Zero);
            return await settler.SettleAsync(outcome, @event, context, retry, took).AnyContext();
        }

        // Whether it becomes a dead letter is known only when it counts as one.
        idle.Enter();
        try
        {
            var parking = await settler.SettleAsync(outcome, @event, context, retry, took).AnyContext();
            observer.Settled(@event, delivery, FateOf(outcome, parking), outcome.Error, took, parking?.Delay ?? TimeSpan.Zero);
            return parking;
        }
        finally
        {
            idle.Leave();
        }
    }

    public void Parked(object @event, DeliveryContext context)
    {
        settler.Parked(@event, context);
        observer.Parked(Described.Of(host, @event, context.Stamp, context.Details, subscription, context.Attempt));
    }

    public void CountDropped(object @event, string eventType, in Stamp stamp, EventDetails? details, EventIdentity identity)
    {
        observer.Settled(@event, Described.Of(host, @event, stamp, details, subscription), DeliveryFate.Dropped, null, TimeSpan.Zero, TimeSpan.Zero);
        settler.CountDropped(@event, eventType, stamp, details, identity);
    }

    private static bool IsSettled(Outcome outcome) => outcome.Kind is OutcomeKind.Handled or OutcomeKind.Filtered or OutcomeKind.Expired or OutcomeKind.Duplicate;

    private static DeliveryFate FateOf(Outcome outcome, Parking? parking) => outcome.Kind switch
    {
        OutcomeKind.Handled => DeliveryFate.Handled,
        OutcomeKind.Filtered => DeliveryFate.Filtered,
        OutcomeKind.Expired => DeliveryFate.Expired,
        OutcomeKind.Duplicate => DeliveryFate.Duplicate,
        _ when parking is null => DeliveryFate.DeadLettered,
        OutcomeKind.Failed when !WrappedError.IsOnly<QueueFullException>(outcome.Error!) => DeliveryFate.Retried,
        _ => DeliveryFate.Postponed,
    };
}
