using EventBus.Events;
using EventBus.Handling;
using EventBus.Observing;
using EventBus.Settling;
using EventBus.Timing;

namespace EventBus.Queueing;

/// <summary>Takes one delivery after the other from its subscription's queue, has it handled and settles it.</summary>
internal sealed class Worker<T> : IWorker, IThreadPoolWorkItem
{
    // How often it looks again before it rests: waking it costs its publisher more than these looks cost the worker, and what
    // has gathered meanwhile is taken at once.
    private const int Naps = 4;

    private const int Nobody = 0;
    private const int ThisWorker = 1;
    private const int Successor = 2;

    private readonly DeliveryQueue<T> _queue;
    private readonly Work<T> _work;
    private readonly SubscriptionCounters.Cell _handled;
    private readonly DeliveryContext<T> _context;
    private readonly Wakeup _wakeup;
    private Outcome? _inherited;
    private bool _started;
    private readonly bool _mayAbandon;
    private volatile bool _ended;

    // Whose the running delivery is, where it may be taken away: one of the two below.
    private int _owner;

    public Worker(Work<T> work, int number)
    {
        _queue = work.Queue;
        _handled = work.Counters.NewCell();
        _context = new DeliveryContext<T>(work.Host, [work.Name]) { Seat = number };
        _wakeup = new Wakeup(work.Starter, this);
        _mayAbandon = work.MayAbandon;
        ReleaseBatch = work.Queue.ReleaseBatch;
        _work = work;
        Number = number;
    }

    public int Number { get; }

    public object Bus => _work.Host;

    public bool AwaitsStop { get; set; }

    public bool AwaitsEnd { get; set; }

    public bool AwaitsTime { get; set; }

    public AttemptSeat Seat { get; } = new();

    public DeliveryContext Context => _context;

    /// <summary>When its latest attempt began, on the coarse clock.</summary>
    public long BegunAt => Seat.BegunAt;

    /// <summary>Whether a delivery is in hand that is neither settled nor parked.</summary>
    public volatile bool HasDelivery;

    /// <summary>The delivery in hand.</summary>
    public QueuedEvent<T> Current;

    /// <summary>What the delivery in hand brings from earlier attempts.</summary>
    public RetryState? Retry { get; private set; }

    /// <summary>For a queue of one line: what this worker has claimed of it.</summary>
    public FifoClaim<T>? FifoClaim;

    /// <summary>After how many begun deliveries their room is given back.</summary>
    public int ReleaseBatch { get; }

    /// <summary>For a queue with lanes: the lane in hand, room not yet given back, and how many deliveries it has made since when.</summary>
    public object? Lane;
    public int Begun;
    public long ReleasedAt;
    public int Counted;
    public long CountedFrom;
    public bool IsSearching;

    public void Resume(Parked<T> parked)
    {
        Current = parked.Event;
        Retry = parked.Retry;
    }

    /// <summary>Called once for each time that it fell asleep.</summary>
    public void Wake()
    {
        if (_started)
        {
            _wakeup.Signal();
            return;
        }

        _started = true;
        _work.Starter.Start(this);
    }

    /// <summary>Lets it go when it next has nothing to do.</summary>
    public void End()
    {
        _ended = true;
        _wakeup.Signal();
    }

    /// <summary>Takes the delivery away from a worker whose handler does not return.</summary>
    /// <returns>Whether it was still in that attempt; then the caller owns the delivery.</returns>
    public bool TryAbandon(long running) =>
        _mayAbandon && Seat.Running == running && Interlocked.CompareExchange(ref _owner, Successor, ThisWorker) == ThisWorker;

    /// <summary>Goes on in place of a worker that was abandoned, and settles its delivery first.</summary>
    public void Succeed(Worker<T> abandoned, Outcome outcome)
    {
        Current = abandoned.Current;
        Retry = abandoned.Retry;
        Begun = abandoned.Begun;
        _inherited = outcome;
        _context.Begin(Current.Event, Current.Stamp, Current.Details, null);
        _context.EnterAttempt((Retry?.Attempts ?? 0) + 1);
        Wake();
    }

    public override string ToString() => $"worker {Number} of '{_work.Name}'";

    void IThreadPoolWorkItem.Execute() => _ = RunAsync();

    private async Task RunAsync()
    {
        WorkerMark.Set(this);
        var home = ExecutionContext.Capture()!;
        AwakeNow();
        try
        {
            if (_inherited is { } inherited)
                await SettleAsync(inherited).AnyContext();

            var naps = 0;
            var turn = _work.Starter.DeliveriesInARow;
            while (!_ended)
            {
                var took = _queue.Take(this, mayRest: naps == Naps);
                if (took == Taken.Nothing)
                {
                    naps++;
                    WorkStarter.Nap();
                    continue;
                }

                naps = 0;
                if (took == Taken.Rest)
                {
                    RestNow();
                    await _wakeup;
                    AwakeNow();
                    continue;
                }

                Outcome outcome;
                try
                {
                    var attempt = Attempt();
                    if (attempt.IsCompletedSuccessfully)
                    {
                        outcome = attempt.Result;
                    }
                    else
                    {
                        _queue.BeforeWaiting(this);
                        outcome = await attempt.AnyContext();
                    }
                }
                catch (Exception error)
                {
                    outcome = Outcome.Failed(error);
                }

                // What a handler left in the ambient context is not the next one's.
                if (!ReferenceEquals(ExecutionContext.Capture(), home))
                    ExecutionContext.Restore(home);
                _context.Leave();
                if (_mayAbandon && Interlocked.CompareExchange(ref _owner, Nobody, ThisWorker) != ThisWorker)
                {
                    _work.OnOrphanReturned(this, outcome.Error);
                    return;
                }

                if (ReferenceEquals(outcome, Outcome.Handled) && Retry is null)
                {
                    Seat.End();
                    _queue.Settled(this);
                    Volatile.Write(ref _handled.Value, _handled.Value + 1);
                    HasDelivery = false;
                }
                else
                {
                    outcome = _work.Explain(outcome, Seat.Cancelled);
                    Seat.End();
                    await SettleAsync(outcome).AnyContext();
                }

                if (--turn == 0)
                {
                    turn = _work.Starter.DeliveriesInARow;
                    await _wakeup.Yield();
                }
            }

            RestNow();
            _work.Watch?.Leave();
        }
        catch (Exception fault)
        {
            // Not the handler's failure but the bus's own. The delivery stays in hand, where a receipt will find it.
            LogMessages.WorkerFailed(_work.Log, fault, _work.Name);
        }
    }

    private void AwakeNow()
    {
        Seat.IsAwake = true;
        // Pairs with two others. With AttemptWatch.Look, which says that it is not armed and then looks who is awake: this says that it is awake and then looks whether
        // the watch is armed; else nobody would watch the attempt. With End, which says that the worker is to end and then signals: the wakeup is put back
        // by now, and from here on the loop sees that it is to end.
        Interlocked.MemoryBarrier();
        _work.Watch?.Arm();
    }

    // An idle bus keeps no event alive. Whoever waits for this rest passes the barrier for both: see IdleSignal.WhenAsync.
    private void RestNow()
    {
        Seat.IsAwake = false;
        Current = default;
        _context.Clear();
        _work.Idle.Check();
    }

    private ValueTask<Outcome> Attempt()
    {
        HasDelivery = true;
        if (_mayAbandon)
            Volatile.Write(ref _owner, ThisWorker);
        _context.Begin(Current.Event, Current.Stamp, Current.Details, null);
        if (Current.Details is { Earlier: RetryState earlier })
            Retry = earlier;
        if (Retry is not null)
        {
            _context.EnterAttempt(Retry.Attempts + 1);
            if (Retry.Letter is not null)
                return new(Outcome.Postponed(TimeSpan.Zero, null));
        }

        if (Current.Details is { ExpiresAt: < long.MaxValue } details && _work.Clock.Now >= details.ExpiresAt)
            return new(Outcome.Expired);
        return _work.Pipeline.RunAsync(Current.Event, _context, Seat.Begin(_work.Clock.Coarse));
    }

    // It counts as parked before its time is set: until then nobody may let time go on, or it would be due later than it should. Nor before whoever looks on
    // knows of it, who would learn of its next attempt first.
    private void Park(Parking waits)
    {
        _work.Idle.BeginLook();
        try
        {
            var parked = _queue.Park(this, waits);
            _work.Settler.Parked(Current.Event!, _context);
            if (parked is null)
                return;
            if (_work.Budget is { } budget)
                parked.WaitFor(budget, _work.Clock, _work.Timer);
            if (waits.Delay > TimeSpan.Zero)
                _work.Timer.Add(parked, waits.Delay);
            else
                parked.OnDue();
        }
        finally
        {
            _work.Idle.EndLook();
        }
    }

    // Its handler ended the subscription, and there is nobody left to try again.
    private void Drop()
    {
        _queue.Settled(this);
        Interlocked.Increment(ref _work.Counters.Dropped);
        LogMessages.WorkLeft(_work.Log, _work.Name, 1);
    }

    private async ValueTask SettleAsync(Outcome outcome)
    {
        var took = TimeSpan.FromTicks(Math.Max(0, _work.Clock.Coarse - Seat.BegunAt));
        var parking = await _work.Settler.SettleAsync(outcome, Current.Event!, _context, Retry, took).AnyContext();
        if (parking is not { } waits)
            _queue.Settled(this);
        else if (_ended && !_queue.OutlivesWorkers)
            Drop();
        else
            Park(waits);
        HasDelivery = false;
        if (Retry is not null)
        {
            Retry = null;
            _context.EnterAttempt(1);
        }
    }
}
