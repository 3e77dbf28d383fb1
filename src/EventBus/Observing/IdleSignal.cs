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

    /// <summary>Whether it goes on when time passes, and not before: every handler that runs has begun to wait for the clock. Known only where a test's clock is looked at.</summary>
    bool AwaitsTime { get; }

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
/// <param name="subscriptions">All subscriptions.</param>
/// <param name="anyInline">Whether an inline delivery is under way.</param>
/// <param name="anyDue">Whether something is due and its timer is on its way.</param>
internal sealed class IdleSignal(Func<IReadOnlyList<ICounted>> subscriptions, Func<bool> anyInline, Func<bool> anyDue)
{
    private readonly List<Waiter> _waiters = [];
    private int _waiting;
    private int _inHand;
    private int _looking;

    /// <summary>Whether every accepted event is settled.</summary>
    public bool IsSettled => AreIdle([this], parkedCounts: true, static _ => false, static _ => false, static bus => bus.IsOnItsWay || bus.AnyInline);

    /// <summary>Whether nothing can move until time passes or somebody does something.</summary>
    public bool IsQuiet => AreQuiet([this]);

    /// <summary>As <see cref="IsQuiet"/>, but what publishers have in hand does not count: inline deliveries, and scheduled events that are due.</summary>
    public bool IsDrained => AreIdle([this], parkedCounts: false, static subscription => subscription.IsAtRest, static _ => false, static _ => false);

    /// <summary>As <see cref="IsQuiet"/>, but handlers that run and wait for the clock do not count.</summary>
    /// <param name="inlineAwaitsTime">Whether every inline delivery under way waits for the clock.</param>
    public bool IsStill(Func<bool> inlineAwaitsTime) => AreStill([this], inlineAwaitsTime);

    /// <summary>Whether something is due that no subscription has yet.</summary>
    // In the order in which work goes on: from its timer to whoever publishes it, from there to a subscription.
    public bool IsOnItsWay => anyDue() || Volatile.Read(ref _inHand) != 0;

    private bool AnyInline => anyInline();

    private bool IsLooking => Volatile.Read(ref _looking) != 0;

    /// <summary>Whether buses that may publish to each other are all quiet, at one moment.</summary>
    public static bool AreQuiet(IReadOnlyList<IdleSignal> buses) =>
        AreIdle(buses, parkedCounts: false, static subscription => subscription.IsAtRest, static _ => false, static bus => bus.IsOnItsWay || bus.IsLooking || bus.AnyInline);

    /// <summary>Whether buses that may publish to each other are all still, at one moment.</summary>
    /// <inheritdoc cref="IsStill" path="/param"/>
    public static bool AreStill(IReadOnlyList<IdleSignal> buses, Func<bool> inlineAwaitsTime) =>
        AreIdle(buses, parkedCounts: false, static subscription => subscription.IsAtRest, static subscription => subscription.AwaitsTime, bus => bus.IsOnItsWay || bus.IsLooking || (bus.AnyInline && !inlineAwaitsTime()));

    /// <summary>Something looks whether something is to be done, or is about to set a time: neither must be missed by whoever lets time go on.</summary>
    public void BeginLook() => Interlocked.Increment(ref _looking);

    /// <summary>It has looked, or its time is set.</summary>
    public void EndLook()
    {
        Interlocked.Decrement(ref _looking);
        Check();
    }

    /// <summary>A scheduled event is due that no subscription has yet: from the moment on at which no timer has it any longer.</summary>
    public void Enter() => Interlocked.Increment(ref _inHand);

    /// <summary>It is done, or a subscription has it.</summary>
    public void Leave()
    {
        Interlocked.Decrement(ref _inHand);
        Check();
    }

    /// <summary>Completes when every accepted event is settled.</summary>
    public Task WhenSettledAsync() => WhenAsync(() => IsSettled);

    /// <summary>Completes when everything is settled or waits for its time.</summary>
    public Task WhenQuietAsync() => WhenAsync(() => IsQuiet);

    /// <summary>Completes when it is so. Whoever lets it come to be so calls <see cref="Check"/> afterwards.</summary>
    public async Task WhenAsync(Func<bool> condition)
    {
        var waiter = new Waiter(condition);
        lock (_waiters)
        {
            _waiters.Add(waiter);
            Volatile.Write(ref _waiting, _waiters.Count);
        }

        // Pairs with every Check: there something is written that makes a condition true, and then it is read whether anybody waits; here it is written that
        // somebody waits, and then the condition is read. Without a full barrier on both sides each could miss the other, and the waiter would wait for ever. Those
        // who check do so with each publish, and write plainly; whoever waits, which is rare, lets all threads of the process pass the barrier for both.
        Interlocked.MemoryBarrierProcessWide();
        Check();
        await waiter.Task.AnyContext();
    }

    /// <summary>Called whenever something came to rest, after that was written; needs no barrier in between, see <see cref="WhenAsync"/>.</summary>
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

    private IReadOnlyList<ICounted> Subscriptions() => subscriptions();

    // What is done in all of them is read before what is begun in any, as in one. One that waits is as good as done with all that it had begun before it was seen to wait:
    // what it is given afterwards, by one that is looked at later, has to be begun yet.
    private static bool AreIdle(IReadOnlyList<IdleSignal> buses, bool parkedCounts, Func<ICounted, bool> rests, Func<ICounted, bool> waits, Func<IdleSignal, bool> isBusy)
    {
        long done = 0, begun = 0;
        var moving = buses.SelectMany(static bus => bus.Subscriptions()).Where(subscription => parkedCounts || !rests(subscription)).ToArray();
        foreach (var subscription in moving)
        {
            var had = subscription.Begun(parkedCounts);
            done += waits(subscription) ? had : subscription.Done(parkedCounts);
        }

        if (buses.Any(isBusy))
            return false;
        foreach (var subscription in moving)
            begun += subscription.Begun(parkedCounts);
        return done == begun;
    }

    private sealed class Waiter(Func<bool> condition) : TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)
    {
        public Func<bool> Condition => condition;
    }
}
