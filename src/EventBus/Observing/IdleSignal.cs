using EventBus.Timing;

namespace EventBus.Observing;

/// <summary>What tells whether work is left in one subscription. All four only grow.</summary>
internal interface ICounted
{
    long Accepted { get; }

    long Settled { get; }

    long ParkedIn { get; }

    long ParkedOut { get; }

    /// <summary>Whether what is left cannot move: held back with nothing running, or its workers wait for the bus to stop.</summary>
    bool IsAtRest { get; }

    /// <summary>What is done with; what is parked included where it need not be settled.</summary>
    long Done(bool parkedCounts) => Settled + (parkedCounts ? 0 : ParkedIn);

    /// <summary>What was begun, to be compared with <see cref="Done"/>.</summary>
    long Begun(bool parkedCounts) => Accepted + (parkedCounts ? 0 : ParkedOut);
}

/// <summary>Tells when nothing is left to do, from counts alone: idleness is a fact, not a pause.</summary>
/// <remarks>
/// What is settled is read before what is accepted. Both only grow, and an event that a handler publishes is accepted before
/// its cause is settled; so if the two sums are equal, nothing was unsettled at the moment between the two readings.
/// Source: F. Mattern, "Algorithms for distributed termination detection", Distributed Computing 2, 1987.
/// </remarks>
internal sealed class IdleSignal(Func<IReadOnlyList<ICounted>> subscriptions, Func<bool> anyAtPublishers)
{
    private readonly List<Waiter> _waiters = [];
    private int _waiting;

    /// <summary>Whether every accepted event is settled.</summary>
    public bool IsSettled => IsIdle(parkedCounts: true);

    /// <summary>Whether nothing can move until time passes or somebody does something.</summary>
    public bool IsQuiet => IsIdle(parkedCounts: false);

    /// <summary>As <see cref="IsQuiet"/>, but what publishers have in hand does not count: inline deliveries, and scheduled events that are due.</summary>
    public bool IsDrained => IsIdle(parkedCounts: false, publishersCount: false);

    /// <summary>Completes when every accepted event is settled.</summary>
    public Task WhenSettledAsync() => WhenAsync(() => IsSettled);

    /// <summary>Completes when everything is settled or waits for its time.</summary>
    public Task WhenQuietAsync() => WhenAsync(() => IsQuiet);

    public async Task WhenAsync(Func<bool> condition)
    {
        var waiter = new Waiter(condition);
        lock (_waiters)
        {
            _waiters.Add(waiter);
            Interlocked.Exchange(ref _waiting, _waiters.Count);
        }

        Check();
        await waiter.Task.AnyContext();
    }

    /// <summary>Called whenever something came to rest.</summary>
    public void Check()
    {
        if (Volatile.Read(ref _waiting) != 0)
            Release();
    }

    private void Release()
    {
        List<Waiter>? done = null;
        lock (_waiters)
        {
            for (var i = _waiters.Count - 1; i >= 0; i--)
            {
                if (!_waiters[i].Condition())
                    continue;
                (done ??= []).Add(_waiters[i]);
                _waiters.RemoveAt(i);
            }

            Volatile.Write(ref _waiting, _waiters.Count);
        }

        foreach (var waiter in done ?? [])
            waiter.SetResult();
    }

    private bool IsIdle(bool parkedCounts, bool publishersCount = true)
    {
        long done = 0, begun = 0;
        var moving = subscriptions();
        var still = moving.Where(subscription => parkedCounts || !subscription.IsAtRest).ToArray();
        foreach (var subscription in still)
            done += subscription.Done(parkedCounts);
        if (publishersCount && anyAtPublishers())
            return false;
        foreach (var subscription in still)
            begun += subscription.Begun(parkedCounts);
        return done == begun;
    }

    private sealed class Waiter(Func<bool> condition) : TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)
    {
        public Func<bool> Condition => condition;
    }
}
