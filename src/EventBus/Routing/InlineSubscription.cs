using EventBus.Events;
using EventBus.Handling;
using EventBus.Settling;

namespace EventBus.Routing;

/// <summary>An inline subscription, seen by routes that know its events only as objects.</summary>
internal abstract class InlineSubscription(string name, Type[] eventTypes, SubscriptionCounters counters)
    : Subscription(name, DeliveryMode.Inline, eventTypes, counters)
{
    private readonly List<Func<long>> _counts = [];

    // Inline deliveries are the publisher's: none waits and none is parked.
    public override long Accepted => Settled;

    public override long ParkedIn => 0;

    public override long ParkedOut => 0;

    public override bool IsPaused => false;

    public override bool IsAtRest => true;

    public override bool AwaitsTime => false;

    public override long Handled
    {
        get
        {
            lock (_counts)
                return Counters.Handled + _counts.Sum(static count => count());
        }
    }

    public override void Pause() =>
        throw new InvalidOperationException($"Subscription '{Name}' is inline: its handler runs within the publish and cannot be paused. Drop .Inline() to give it a queue.");

    public override void Resume()
    {
    }

    public override SubscriptionReceipt Account() => new(Name, Statistics, []);

    public abstract ValueTask<Outcome> RunAsync(object @event, DeliveryContext context, CancellationToken cancellationToken);

    /// <summary>A route counts what succeeds in bulk; this is how the subscription reads along.</summary>
    public void ReadAlso(Func<long> count)
    {
        lock (_counts)
            _counts.Add(count);
    }

    public void ReadNoMore(Func<long> count)
    {
        lock (_counts)
        {
            if (_counts.Remove(count))
                Counters.AddHandled(count());
        }
    }
}

/// <summary>A subscription that runs within the publish.</summary>
internal sealed class InlineSubscription<T>(string name, Type[] eventTypes, SubscriptionCounters counters, AttemptStage<T> pipeline)
    : InlineSubscription(name, eventTypes, counters)
{
    public AttemptStage<T> Pipeline => pipeline;

    public override ValueTask<Outcome> RunAsync(object @event, DeliveryContext context, CancellationToken cancellationToken) =>
        pipeline.RunAsync((T)@event, context, cancellationToken);
}
