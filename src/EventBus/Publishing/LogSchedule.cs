using System.Runtime.ExceptionServices;
using EventBus.Events;
using EventBus.Observing;
using EventBus.Recording;
using EventBus.Storage;
using EventBus.Timing;
using Microsoft.Extensions.Logging;

namespace EventBus.Publishing;

/// <summary>Scheduled events that are kept in the event log, until they become events of it.</summary>
/// <remarks>Only what is due next is looked at; of an event that was scheduled in this start its name and its moment are kept in memory. Within a start of the bus time is monotonic: a clock that is set moves
/// nothing. What is stored is read from the clock as it is at that moment. After a restart a wait is the smaller of what is left and its whole length.</remarks>
internal sealed class LogSchedule(Recorder recorder, ActivatedDelivery delivery, DueTimer timer, WorkStarter starter, Clock clock, IdleSignal idle, ILogger logger) : DueItem
{
    private const int Page = 64;

    // So many are under way at most, of which something has still to be waited for: they are in memory.
    private const int MaxUnfinished = 1024;

    private static readonly TimeSpan s_again = TimeSpan.FromSeconds(1);

    private readonly object _gate = new();
    private readonly Dictionary<ScheduledName, long> _moments = [];
    private readonly PriorityQueue<ScheduledName, long> _next = new();
    private readonly WallTime _wallTime = new(clock);
    private DateTimeOffset _startedAt;
    private long _startedAtTicks;
    private long _nextAt = long.MaxValue;
    private bool _isLooking;
    private bool _looksAgain;
    private bool _stopped = true;
    private int _unfinished;

    public void Start()
    {
        lock (_gate)
        {
            _startedAt = clock.UtcNow;
            _startedAtTicks = clock.Now;
            _stopped = false;
            _moments.Clear();
            _next.Clear();
        }

        LookAt(clock.Now);
    }

    public void Stop()
    {
        lock (_gate)
        {
            _stopped = true;
            _nextAt = long.MaxValue;
            timer.Remove(this);
        }
    }

    /// <exception cref="ArgumentException">The event cannot be stored, or is the one that is being handled.</exception>
    public async ValueTask<ScheduledEvent> AddAsync(object @event, Stamp stamp, TimeSpan delay, DateTimeOffset dueTime, PublishOptions? options, PublishOrigin? origin, EventDetails? details, CancellationToken cancellationToken)
    {
        var session = recorder.Session;
        var (_, record) = recorder.Prepare(@event, stamp, details);
        var name = ScheduledName.Of(record);
        if (record.IsIdGiven)
            name.RefuseIfHandledBy(origin);
        var now = LogTime.Of(clock.UtcNow);
        var due = delay > TimeSpan.Zero ? LogTime.Of(dueTime) : now;
        var scheduled = new LogScheduledEvent(RecordCodec.At(record, now, null), due, options?.TimeToLive);
        var add = new ScheduleOperation(this, name, MomentOf(due), scheduled, session.Codec.Types);
        var committed = add.WaitAsync(cancellationToken);
        session.Writer.Submit(add);
        await committed.AnyContext();
        if (add.Existing is not { } existing)
            return name.At(due);
        if (!IsSame(existing, scheduled))
            LogMessages.ScheduledAgain(logger, name.Type, LogText.Safe(name.Id), existing.Due);
        return ScheduledName.Of(existing.Record).At(existing.Due);
    }

    public async ValueTask<bool> CancelAsync(ScheduledName name, CancellationToken cancellationToken)
    {
        var session = recorder.Session;
        var removed = await session.Writer.SubmitAsync(transaction => transaction.RemoveScheduled(name.Type, name.Source, name.Id, session.Codec.Types.OthersOf(name.Type))).WaitAsync(cancellationToken).AnyContext();
        if (removed is null)
            return false;
        Forget(ScheduledName.Of(removed.Record));
        return true;
    }

    public override void OnDue()
    {
        lock (_gate)
        {
            _nextAt = long.MaxValue;
            if (_stopped)
                return;
            if (_isLooking)
            {
                _looksAgain = true;
                return;
            }

            _isLooking = true;
        }

        idle.Enter();
        starter.Start(LookAsync);
    }

    /// <summary>An event is about to be committed, and is to be known when it is read.</summary>
    internal void Know(ScheduledName name, long moment)
    {
        lock (_gate)
            _moments[name] = moment;
    }

    /// <summary>It is committed. Whoever has scheduled it may have gone away meanwhile.</summary>
    internal void Committed(ScheduledName name, long moment)
    {
        lock (_gate)
            _next.Enqueue(name, moment);
        LookAt(moment);
    }

    /// <summary>It is not there, or not any more.</summary>
    internal void Forget(ScheduledName name)
    {
        lock (_gate)
            _moments.Remove(name);
    }

    // Whether given as a time or as a delay: a retry gives the same one again.
    private static bool IsSame(LogScheduledEvent existing, LogScheduledEvent scheduled) =>
        existing.Record.Body.Span.SequenceEqual(scheduled.Record.Body.Span)
        && (existing.Due == scheduled.Due || ((existing.Due - existing.Record.Time) - (scheduled.Due - scheduled.Record.Time)).Duration() <= TimeSpan.FromMilliseconds(1));

    // A moment and not a wait: time has gone on since it was reckoned.
    private void LookAt(long at)
    {
        lock (_gate)
        {
            if (_stopped || at >= _nextAt)
                return;
            timer.Remove(this);
            if (at > clock.Now)
            {
                _nextAt = at;
                timer.AddAt(this, at);
                return;
            }
        }

        // What is due is in hand before anybody can ask whether something is left.
        OnDue();
    }

    private async Task LookAsync()
    {
        long? next;
        LogSession? session = null;
        try
        {
            session = recorder.Session;
            next = await ActivateDueAsync(session).AnyContext();
        }
        catch (Exception error)
        {
            next = WhenToTryAgain(session, error);
        }

        lock (_gate)
        {
            _isLooking = false;
            if (_looksAgain)
                next = clock.Now;
            _looksAgain = false;
        }

        if (next is { } at)
            LookAt(at);
        idle.Leave();
    }

    /// <returns>When; nothing where the bus stops, or where the log must not be used any more, which everybody is told then.</returns>
    private long? WhenToTryAgain(LogSession? session, Exception error)
    {
        if (error is EventBusStoppedException)
            return null;
        LogMessages.ScheduleFailed(logger, error);
        if (error is EventLogException { IsTransient: true } or EventLogException { IsOfOneChange: true })
            return Clock.After(clock.Now, s_again);
        session?.Writer.FailWith(error as EventLogException ?? new EventLogException($"The schedule in the event log could not be read: {error.GetType().Name}: {ExceptionText.MessageOf(error)}", error));
        return null;
    }

    /// <returns>When the next is due; nothing where none is scheduled.</returns>
    private async Task<long?> ActivateDueAsync(LogSession session)
    {
        var size = Page;
        while (true)
        {
            // One moment for the whole page, and from before it was read: what becomes due in between comes with the next page, where whatever is due earlier stands too.
            var now = clock.Now;
            var count = size;
            var page = await session.Reader.ReadAsync(log => log.ReadScheduled(count)).AnyContext();
            var moments = page.Select(scheduled => (Moment: MomentOf(scheduled), Scheduled: scheduled)).ToList();
            var due = moments.Where(one => one.Moment <= now).OrderBy(static one => one.Moment).ToList();
            if (due.Count > 0)
            {
                await FinishAsync(due.Select(one => Activate(session, one.Scheduled, new TimeSpan(now - one.Moment))).ToList()).AnyContext();
                size = Page;
                continue;
            }

            var next = moments.Count == 0 ? long.MaxValue : moments.Min(static one => one.Moment);
            if (page.Count < count)
                return next == long.MaxValue ? null : next;
            // Where the clock was set, an event that was scheduled since may be due before all that fill the page.
            next = Math.Min(next, FirstOfThisStart());
            if (next > now)
                return next;
            size *= 4;
        }
    }

    // All of a page that is due goes into the log with one commit, as far as it can, and then to the handlers in its order.
    private async Task FinishAsync(List<ActivateOperation> activations)
    {
        ExceptionDispatchInfo? failure = null;
        foreach (var activation in activations)
        {
            try
            {
                var activated = await activation.Task.AnyContext();
                var finishing = delivery.FinishAsync(activation, activated);
                // One inline handler, or one full queue, is not to keep all that is due later from coming.
                if (!finishing.IsCompleted && !TryLeave(finishing))
                    await finishing.AnyContext();
            }
            catch (Exception error)
            {
                // It is still scheduled; but others of the page may be committed.
                failure ??= ExceptionDispatchInfo.Capture(error);
            }
        }

        failure?.Throw();
    }

    private bool TryLeave(Task finishing)
    {
        if (Interlocked.Increment(ref _unfinished) > MaxUnfinished)
        {
            Interlocked.Decrement(ref _unfinished);
            return false;
        }

        idle.Enter();
        _ = LeaveAfterAsync(finishing);
        return true;
    }

    private async Task LeaveAfterAsync(Task finishing)
    {
        await finishing.AnyContext();
        Interlocked.Decrement(ref _unfinished);
        idle.Leave();
    }

    private long MomentOf(DateTimeOffset due)
    {
        lock (_gate)
            return _wallTime.MomentOf(due);
    }

    private long MomentOf(LogScheduledEvent scheduled)
    {
        lock (_gate)
        {
            if (_moments.TryGetValue(ScheduledName.Of(scheduled.Record), out var moment))
                return moment;
            // Scheduled before this start, at a time that the clock now says was still to come: the clock was set back, and the whole wait begins again.
            var setBack = scheduled.Record.Time > _startedAt ? scheduled.Record.Time - _startedAt : TimeSpan.Zero;
            return _startedAtTicks + (scheduled.Due - setBack - _startedAt).Ticks;
        }
    }

    private long FirstOfThisStart()
    {
        lock (_gate)
        {
            while (_next.TryPeek(out var name, out var moment))
            {
                if (_moments.TryGetValue(name, out var known) && known == moment)
                    return moment;
                _next.Dequeue();
            }

            return long.MaxValue;
        }
    }

    private ActivateOperation Activate(LogSession session, LogScheduledEvent scheduled, TimeSpan overdue)
    {
        var now = clock.UtcNow;
        // Its life began when it was due, also where nobody was there to publish it.
        var life = scheduled.TimeToLive - overdue;
        var record = RecordCodec.At(scheduled.Record, now, life is { } left ? Clock.After(now, left > TimeSpan.Zero ? left : TimeSpan.Zero) : null);
        var @event = session.Codec.Decode(record);
        AppendedEvent? live = @event is UnreadableEvent ? null : new(@event, RecordCodec.StampOf(record), session.Codec.DetailsOf(record, isReplay: false, null)) { Placement = delivery.PlacementFor(@event) };
        // Forgotten before anybody has it: who handles it may schedule one of its id again.
        var activate = new ActivateOperation(record, live, session.Codec.Types, recorder.DeduplicateSince(record.IsIdGiven), removed => Forget(ScheduledName.Of(removed)));
        session.Writer.Submit(activate);
        return activate;
    }
}
