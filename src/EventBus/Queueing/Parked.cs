using EventBus.Events;
using EventBus.Retrying;
using EventBus.Settling;
using EventBus.Timing;

namespace EventBus.Queueing;

/// <summary>A delivery that waits without holding a worker: for its retry, or behind an earlier event of its key.</summary>
internal sealed class Parked<T>(DeliveryQueue<T> queue, in QueuedEvent<T> @event, RetryState? retry, object? lane) : DueItem
{
    public readonly QueuedEvent<T> Event = @event;

    private (RetryBudget Budget, Clock Clock, DueTimer Timer)? _budget;

    public RetryState? Retry { get; } = retry;

    public object? Lane { get; } = lane;

    public LinkedListNode<Parked<T>>? Node { get; set; }

    public bool IsOf(object other) => ReferenceEquals(queue, other);

    /// <summary>Lets it come back only when the subscription's budget of retries has a place for it.</summary>
    public void WaitFor(RetryBudget budget, Clock clock, DueTimer timer) => _budget = (budget, clock, timer);

    public override void OnDue()
    {
        if (_budget is var (budget, clock, timer))
        {
            _budget = null;
            if (budget.Reserve(clock.Now) is var wait && wait > TimeSpan.Zero)
            {
                timer.Add(this, wait);
                return;
            }
        }

        queue.Return(this);
    }
}
