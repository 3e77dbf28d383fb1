using System.Threading.Tasks.Sources;
using EventBus.Events;

namespace EventBus.Queueing;

/// <summary>A publisher that waits for room. It brings its event: whoever makes room puts the event in its place.</summary>
internal class RoomWaiter<T>(DeliveryQueue<T> queue) : IValueTaskSource
{
    private ManualResetValueTaskSourceCore<bool> _completion = new() { RunContinuationsAsynchronously = true };
    private CancellationTokenRegistration _cancellation;

    public QueuedEvent<T> Event;

    /// <summary>Its place among all that ever waited.</summary>
    public long Ticket;

    /// <summary>The list that the waiter stands in; none once it is decided.</summary>
    public RoomWaiters<T>? List;
    public RoomWaiter<T>? Previous;
    public RoomWaiter<T>? Next;

    /// <summary>The next of those whose events may have the same root.</summary>
    public RoomWaiter<T>? NextOfRoot;

    private RoomWaiter<T>? _lastFollower;

    /// <summary>What follows from its event and was published by handlers meanwhile: it comes in directly behind. These wait for nothing, and nobody for them.</summary>
    public RoomWaiter<T>? FirstFollower { get; private set; }

    /// <inheritdoc cref="EventDetails.Root"/>
    public ulong Root => EventDetails.RootOf(Event.Stamp, Event.Details);

    public ValueTask Task => new(this, _completion.Version);

    public void Reset(in QueuedEvent<T> @event)
    {
        _completion.Reset();
        Event = @event;
    }

    /// <summary>Whether the queue keeps an order between its event and another's.</summary>
    public virtual bool IsInOrderWith(RoomWaiter<T> other) => true;

    public void AddFollower(RoomWaiter<T> follower)
    {
        if (FirstFollower is null)
            FirstFollower = follower;
        else
            _lastFollower!.Next = follower;
        _lastFollower = follower;
    }

    public RoomWaiter<T>? TakeFollower()
    {
        var follower = FirstFollower;
        if (follower is null)
            return null;
        FirstFollower = follower.Next;
        follower.Next = null;
        if (FirstFollower is null)
            _lastFollower = null;
        return follower;
    }

    /// <summary>It stood behind another, and its event has come in.</summary>
    public void Spare()
    {
        Event = default;
        queue.Spare(this);
    }

    public void CancelWith(CancellationToken cancellationToken)
    {
        if (cancellationToken.CanBeCanceled)
            _cancellation = cancellationToken.UnsafeRegister(static (state, token) => ((RoomWaiter<T>)state!).Cancel(token), this);
    }

    public void Admit() => _completion.SetResult(true);

    public void Fail(Exception error) => _completion.SetException(error);

    public void GetResult(short token)
    {
        _cancellation.Dispose();
        _cancellation = default;
        Event = default;
        _completion.GetResult(token);
        queue.Spare(this);
    }

    public ValueTaskSourceStatus GetStatus(short token) => _completion.GetStatus(token);

    public void OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _completion.OnCompleted(continuation, state, token, flags);

    private void Cancel(CancellationToken cancellationToken)
    {
        if (queue.TryForget(this))
            Fail(new OperationCanceledException(cancellationToken));
    }
}
