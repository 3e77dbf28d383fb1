using EventBus.Events;
using EventBus.Handling;
using EventBus.Observing;
using EventBus.Queueing;
using EventBus.Settling;
using EventBus.Timing;
using Microsoft.Extensions.Logging;

namespace EventBus.Routing;

/// <summary>A subscription with a queue and workers.</summary>
internal sealed class QueuedSubscription<T> : QueuedSubscription
{
    private const int LooksForUnsettled = 20_000;

    private readonly Work<T> _work;
    private readonly int _maxAbandoned;
    private readonly ILogger _log;
    private readonly object _gate = new();
    private Worker<T>[] _workers;
    private int _orphans;
    private int _leftIsCounted;
    private readonly Stack<int>? _spareSeats;
    private volatile bool _paused;
    private volatile bool _stopped;
    private volatile bool _replayed;
    private volatile bool _ended;
    private bool _isShut;

    public QueuedSubscription(Work<T> work, Type[] eventTypes, int concurrency, bool startsPaused, int maxAbandoned, ILogger log)
        : base(work.Name, DeliveryMode.Queued, eventTypes, work.Counters)
    {
        _work = work;
        _maxAbandoned = maxAbandoned;
        _log = log;
        if (maxAbandoned > 0)
            _spareSeats = SpareSeats(concurrency, maxAbandoned);
        _workers = new Worker<T>[concurrency];
        for (var i = 0; i < concurrency; i++)
        {
            _workers[i] = new Worker<T>(work, i);
            work.Queue.Attach(_workers[i]);
        }

        work.Queue.OnDropped = CountDropped;
        work.Queue.OnKeyFailed = (error, @event) => LogMessages.KeyFailed(log, error, work.Name, work.Host.TypeNameOf(@event.GetType()));
        if (startsPaused)
            Pause();
    }

    public override bool IsPaused => _paused;

    public override long Handled => Counters.Handled;

    public override int StuckNow => Volatile.Read(ref _workers).Count(static worker => worker.Seat.IsStuck) + Volatile.Read(ref _orphans);

    public override long Accepted => _work.Queue.Accepted;

    public override long ParkedIn => _work.Queue.ParkedIn;

    public override long ParkedOut => _work.Queue.ParkedOut;

    public override bool IsEnded => _ended;

    public override bool AnyPublisherWaits => _work.Queue.AnyPublisherWaits;

    public override bool IsRunning => Array.Exists(Volatile.Read(ref _workers), static worker => worker.Seat.IsAwake && !worker.AwaitsStop);

    public override bool IsAtRest =>
        _ended || ((_paused || _stopped || _replayed || Array.Exists(Volatile.Read(ref _workers), static worker => worker.AwaitsStop)) && !IsRunning);

    // One that was called and has not begun is not among those that wait.
    public override bool AwaitsTime => Volatile.Read(ref _workers).Count(static worker => worker.AwaitsTime) is > 0 and var waiting && waiting == _work.Queue.Awake;

    public IReadOnlyList<Worker<T>> Workers => _workers;

    /// <summary>The deliveries that workers have, of those that are chosen.</summary>
    public IReadOnlyList<EventMetadata> Running(Func<QueuedEvent<T>, bool> chosen)
    {
        var running = new List<EventMetadata>();
        foreach (var worker in Volatile.Read(ref _workers))
        {
            var current = worker.Current;
            if (worker.HasDelivery && current is { Event: not null, Details: not null } && chosen(current))
                running.Add(Describe(current));
        }

        return running;
    }

    /// <summary>What waits, and what workers have.</summary>
    public List<QueuedEvent<T>> Unsettled()
    {
        var unsettled = new List<QueuedEvent<T>>();
        foreach (var worker in Volatile.Read(ref _workers))
        {
            if (worker.HasDelivery)
                unsettled.Add(worker.Current);
        }

        unsettled.AddRange(_work.Queue.Waiting());
        return unsettled;
    }

    public DeliveryQueue<T> Queue => _work.Queue;

    public Admission Offer(T @event, in Stamp stamp, EventDetails? details, bool fromWorker) =>
        _work.Queue.TryAdd(new QueuedEvent<T>(@event, stamp, details), fromWorker);

    public ValueTask WaitForRoomAsync(T @event, in Stamp stamp, EventDetails? details, CancellationToken cancellationToken) =>
        _work.Queue.AddAsync(new QueuedEvent<T>(@event, stamp, details), cancellationToken);

    public override Admission Offer(object @event, in Stamp stamp, EventDetails? details, bool fromWorker) =>
        Offer((T)@event, stamp, details, fromWorker);

    public override ValueTask WaitForRoomAsync(object @event, in Stamp stamp, EventDetails? details, CancellationToken cancellationToken) =>
        WaitForRoomAsync((T)@event, stamp, details, cancellationToken);

    public override void Pause()
    {
        _paused = true;
        _work.Queue.Hold(HoldReason.Paused, true);
        _work.Idle.Check();
    }

    public override void Resume()
    {
        _work.Queue.Hold(HoldReason.Paused, false);
        _paused = false;
    }

    public override void Hold(bool on)
    {
        if (on)
            _stopped = true;
        _work.Queue.Hold(HoldReason.Stopped, on);
        if (!on)
            _stopped = false;
    }

    /// <summary>Lets nothing begin while a durable subscription is moved. A stop that comes meanwhile holds it too, and is not undone by this.</summary>
    public void HoldForReplay(bool on)
    {
        if (on)
            _replayed = true;
        _work.Queue.Hold(HoldReason.Replayed, on);
        if (!on)
            _replayed = false;
    }

    public override void Close(Exception? reason, bool forWorkersToo) => _work.Queue.Close(reason, forWorkersToo);

    public override void CancelRunning()
    {
        foreach (var worker in Volatile.Read(ref _workers))
        {
            if (worker.Seat.Running is var running && running != 0)
                worker.Seat.TryCancel(running, CancelReason.Stop);
        }
    }

    public override bool AnyDueBy(long time) => _work.Timer.Any(item => item.DueAt <= time && item is Parked<T> parked && parked.IsOf(_work.Queue));

    public override void End()
    {
        _ended = true;
        Shut(new EventBusStoppedException($"Subscription '{Name}' has ended."));
    }

    public override void Shut(Exception reason)
    {
        Hold(true);
        Close(reason, forWorkersToo: true);
        lock (_gate)
        {
            _isShut = true;
            foreach (var worker in _workers)
                worker.End();
        }

        _work.Timer.RemoveAll(item => item is Parked<T> parked && parked.IsOf(_work.Queue));
    }

    public override async Task WhenEndedAsync(IWorker? caller)
    {
        if (caller is not null)
            caller.AwaitsEnd = true;
        await _work.Idle.WhenAsync(() => !Array.Exists(Volatile.Read(ref _workers), worker => IsWaitedFor(worker, caller))).AnyContext();
        if (caller is not null)
            caller.AwaitsEnd = false;
        // A subscription may be disposed twice, and what it leaves is lost once.
        var left = _work.Queue.Waiting().Count;
        if (left == 0 || _work.Queue.OutlivesWorkers || Interlocked.Exchange(ref _leftIsCounted, 1) != 0)
            return;
        Interlocked.Add(ref Counters.Dropped, left);
        LogMessages.WorkLeft(_log, Name, left);
    }

    public override SubscriptionReceipt Account()
    {
        // A worker may be between two places this very moment. It will not be for long, unless its thread is not given time.
        for (var look = 1; ; look++)
        {
            var unsettled = Unsettled();
            var statistics = Statistics;
            if (unsettled.Count == statistics.Accepted - statistics.Settled || look == LooksForUnsettled)
                return new(Name, statistics, unsettled.ConvertAll(Describe));
            WorkStarter.Nap();
        }
    }

    /// <summary>Told by the watch that a handler does not return.</summary>
    public void OnStuck(AttemptSeat seat, long running, TimeSpan elapsed)
    {
        lock (_gate)
        {
            var index = Array.FindIndex(_workers, worker => ReferenceEquals(worker.Seat, seat));
            if (index < 0)
                return;
            var worker = _workers[index];
            var delivery = worker.Current;
            // It may return at this very moment, and be at rest or at its next delivery.
            if (delivery.Event is null)
                return;
            var current = Describe(delivery);
            if (worker.Seat.Running != running)
                return;
            Interlocked.Increment(ref Counters.Stuck);
            if (_orphans >= _maxAbandoned || !worker.TryAbandon(running))
            {
                LogMessages.Stuck(_log, Name, current.Type, LogText.Safe(current.Id), elapsed, QueuesWaitedFor());
                return;
            }

            _orphans++;
            Interlocked.Increment(ref Counters.AbandonedAttempts);
            LogMessages.Abandoned(_log, Name, current.Type, LogText.Safe(current.Id), elapsed);
            Replace(index, worker);
        }
    }

    public void OnOrphanReturned(Worker<T> worker, Exception? error)
    {
        lock (_gate)
        {
            _orphans--;
            _spareSeats!.Push(worker.Number);
        }

        LogMessages.OrphanReturned(_log, error, Name);
    }

    // A handler that waits for a publish that another thread makes for it may be what those publishers wait for. Nobody can tell; but where to look, this can.
    private string QueuesWaitedFor()
    {
        var full = _work.Host.QueuesWaitedFor;
        return full.Count == 0
            ? ""
            : $" Publishers wait for room in the queue of {string.Join(", ", full.Select(static name => $"'{name}'"))}: if the handler waits for such a publish, made by another thread, it may wait for itself. Publish through its context, or do not wait for the publish in the handler.";
    }

    // A handler may end two subscriptions at once, and one of them sooner.
    private static bool IsWaitedFor(Worker<T> worker, IWorker? caller) =>
        worker.Seat.IsAwake && !worker.AwaitsEnd && !ReferenceEquals(worker, caller);

    private void Replace(int index, Worker<T> abandoned)
    {
        var successor = new Worker<T>(_work, _spareSeats!.Pop());
        var workers = (Worker<T>[])_workers.Clone();
        workers[index] = successor;
        Volatile.Write(ref _workers, workers);
        _work.Watch!.Remove(abandoned.Seat);
        _work.Watch.Add(successor.Seat);
        _work.Queue.Replace(abandoned, successor);
        successor.Succeed(abandoned, _work.TimedOut(null));
        // One that comes in the moment of the end is ended with the others.
        if (_isShut)
            successor.End();
    }

    private static Stack<int> SpareSeats(int first, int count)
    {
        var spare = new Stack<int>(count);
        for (var seat = first + count - 1; seat >= first; seat--)
            spare.Push(seat);
        return spare;
    }

    private void CountDropped(QueuedEvent<T> dropped)
    {
        _work.Settler.CountDropped(dropped.Event!, _work.Host.TypeNameOf(dropped.Event!.GetType()), dropped.Stamp, dropped.Details, _work.Host.Identity);
        _work.Idle.Check();
    }

    private EventMetadata Describe(QueuedEvent<T> queued)
    {
        var context = new DeliveryContext<T>(_work.Host, [Name]);
        context.Begin(queued.Event, queued.Stamp, queued.Details, null);
        return context.Capture();
    }
}
