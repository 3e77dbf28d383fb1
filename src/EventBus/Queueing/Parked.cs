using EventBus.Events;
using EventBus.Settling;
using EventBus.Timing;

namespace EventBus.Queueing;

/// <summary>A delivery that waits without holding a worker: for its retry, or behind an earlier event of its key.</summary>
internal sealed class Parked<T>(DeliveryQueue<T> queue, in QueuedEvent<T> @event, RetryState? retry, object? lane) : DueItem
{
    public readonly QueuedEvent<T> Event = @event;

    public RetryState? Retry { get; } = retry;

    public object? Lane { get; } = lane;

    public LinkedListNode<Parked<T>>? Node { get; set; }

    public bool IsOf(object other) => ReferenceEquals(queue, other);

    public override void OnDue() => queue.Return(this);
}
