using EventBus.Checkpointing;
using EventBus.Queueing;
using EventBus.Recording;
using EventBus.Settling;
using EventBus.Storage;
using EventBus.Timing;

namespace EventBus.Routing;

/// <summary>A subscription that gets its events from the log, by workers of its own.</summary>
/// <remarks>Its workers, queue and feed live from one start to the next stop, and begin anew from what is stored: a stop and a start are no other thing than a restart
/// of the process.</remarks>
internal sealed class DurableSubscription<T>(
    string name,
    Type[] eventTypes,
    SubscriptionCounters counters,
    bool startsPaused,
    Func<LogSession, LogSubscription, IReadOnlyList<LogDelivery>, bool, DurableRun<T>> begin,
    Func<T, Events.EventDetails, string?>? keyOf) : DurableSubscription(name, eventTypes, counters)
{
    private const int LooksForUnsettled = 20_000;

    private readonly object _gate = new();

    // Dead letters that were redriven while no run could take them.
    private readonly List<(DeliveryId Id, string? Key)> _redriven = [];
    private volatile DurableRun<T>? _run;
    private volatile LogSubscription? _state;
    private volatile bool _paused = startsPaused;
    private volatile bool _ended;
    private bool _stops;

    public override bool IsPaused => _paused;

    public override long Accepted => Settled + (_run?.Feed.Left.Unsettled ?? 0);

    public override long ParkedIn => 0;

    public override long ParkedOut => 0;

    public override long Handled => Counters.Handled;

    public override int StuckNow => _run?.Workers.StuckNow ?? 0;

    public override bool IsAtRest => _run is not { } run || run.Workers.IsAtRest || (run.Feed.IsHalted && !run.Workers.IsRunning);

    public override bool AwaitsTime => _run is { } run && run.Workers.AwaitsTime && run.Feed.HasNothingToRead;

    public override bool IsRunning => _run is { } run && run.Workers.IsRunning;

    public override bool IsEnded => _ended;

    public override LogSubscription State => _state!;

    public override long ReadUpTo => _run?.Feed.ReadUpTo ?? 0;

    public override SubscriptionStatistics Statistics
    {
        get
        {
            var (unsettled, parked, lag) = _run?.Feed.Left ?? default;
            var counted = base.Statistics;
            return counted with { Accepted = counted.Settled + unsettled, Waiting = unsettled, Parked = parked, Lag = lag, OldestUnsettled = _run?.Feed.OldestUnsettled ?? 0 };
        }
    }

    public override void Begin(LogSession session, LogSubscription state, IReadOnlyList<LogDelivery> deliveries, bool isCareful)
    {
        var run = begin(session, state, deliveries, isCareful);
        lock (_gate)
        {
            _stops = false;
            GoOnWith(run, state);
        }
    }

    public override bool TryBeginAgain(LogSession session, LogSubscription state, IReadOnlyList<LogDelivery> deliveries)
    {
        var run = begin(session, state, deliveries, false);
        bool goesOn;
        lock (_gate)
        {
            // The bus may have been stopped and started since: then it goes on already. And what would begin in the midst of a stop, that stop would not see.
            goesOn = !_stops && !_ended && ReferenceEquals(_run?.Session, session);
            if (goesOn)
            {
                GoOnWith(run, state);
                // Within the lock: a stop finds a run that reads, or none.
                run.Feed.Start();
            }
        }

        if (!goesOn)
            End(run);
        return goesOn;
    }

    public override void GoOn() => _run!.Feed.Start();

    public override void BeginStop()
    {
        lock (_gate)
        {
            _stops = true;
            _run?.Feed.StopWhenLagging();
        }
    }

    public override Task FlushAsync() => _run?.Feed.FlushAsync() ?? Task.CompletedTask;

    public override async Task EndRunAsync(Task patience, LogSession? session = null)
    {
        if (_run is not { } run || (session is not null && !ReferenceEquals(run.Session, session)))
            return;
        await Task.WhenAny(run.Feed.FlushAsync(), patience).AnyContext();
        End(run);
    }

    public override Task WhenNoneRunsAsync(IWorker? caller) => _run?.Workers.WhenEndedAsync(caller) ?? Task.CompletedTask;

    // Between two runs nobody has it in hand, and what is stored may have been read before this was.
    public override void Redrive(long sequence, long deadLetterId, string? key)
    {
        lock (_gate)
        {
            if (_run is not { } run || !run.Feed.TryRedrive(new(sequence, deadLetterId), key))
                _redriven.Add((new(sequence, deadLetterId), key));
        }
    }

    public override long KeepUpTo(long position) => _run?.Feed.KeepUpTo(position) ?? 0;

    public override string? KeyOf(object @event, LogRecord record) =>
        @event is T of ? keyOf?.Invoke(of, new Events.EventDetails { Key = record.Key }) : record.Key;

    // With the lock, so that the run which a replay puts in place meanwhile is paused if, and only if, this is.
    public override void Pause()
    {
        lock (_gate)
        {
            _paused = true;
            _run?.Workers.Pause();
        }
    }

    public override void Resume()
    {
        lock (_gate)
        {
            _run?.Workers.Resume();
            _paused = false;
        }
    }

    public override void HoldForReplay(bool on, LogSession session)
    {
        if (_run is { } run && ReferenceEquals(run.Session, session))
            run.Workers.HoldForReplay(on);
    }

    public override void Hold(bool on) => _run?.Workers.Hold(on);

    // Nobody publishes to its queue but its feed.
    public override void Close(Exception? reason, bool forWorkersToo)
    {
    }

    public override void CancelRunning() => _run?.Workers.CancelRunning();

    // What waits for its time is kept, and no stop waits for it.
    public override bool AnyDueBy(long time) => false;

    public override void End()
    {
        _ended = true;
        _run?.Workers.Hold(true);
    }

    public override void Shut(Exception reason) => _run?.Workers.Shut(reason);

    public override async Task WhenEndedAsync(IWorker? caller)
    {
        if (_run is { } run)
            await run.Workers.WhenEndedAsync(caller).AnyContext();
    }

    public override SubscriptionReceipt Account()
    {
        if (_run is not { } run)
            return new(Name, Statistics, []);
        // A worker may be between two places this very moment, as in a queued subscription.
        for (var look = 0; look < LooksForUnsettled && !AgreesWithFeed(run); look++)
            WorkStarter.Nap();
        return new(Name, Statistics, run.Workers.Running(delivery => run.Feed.IsInHand(delivery)));
    }

    public override SubscriptionReceipt Conclude(SubscriptionReceipt account)
    {
        var statistics = Statistics;
        return account with { Statistics = statistics, Kept = statistics.Waiting };
    }

    public override long Done(bool parkedCounts)
    {
        if (_run is not { } run)
            return 0;
        var (settled, settledOrResting) = run.Feed.Progress;
        // A worker counts what it has done just after the feed knows of it.
        var uncounted = run.Workers.Running(delivery => !run.Feed.IsInHand(delivery)).Count;
        return (parkedCounts ? settled : settledOrResting) - uncounted;
    }

    public override long Begun(bool parkedCounts) => _run?.Feed.Head ?? 0;

    // In this order: what is settled meanwhile shows in one of the two.
    private static bool AgreesWithFeed(DurableRun<T> run)
    {
        var unsettled = run.Workers.Unsettled();
        return unsettled.Count == run.Feed.InHand && unsettled.TrueForAll(delivery => delivery.Details is not null && run.Feed.IsInHand(delivery));
    }

    private static void End(DurableRun<T> run)
    {
        run.Feed.End();
        run.Workers.Shut(new EventBusStoppedException());
    }

    // With the lock held.
    private void GoOnWith(DurableRun<T> run, LogSubscription state)
    {
        if (_paused)
            run.Workers.Pause();
        _state = state;
        _run = run;
        foreach (var (id, key) in _redriven)
            run.Feed.TryRedrive(id, key);
        _redriven.Clear();
    }
}
