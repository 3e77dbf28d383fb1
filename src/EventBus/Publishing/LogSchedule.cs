using System.Runtime.ExceptionServices;
using EventBus.Events;
using EventBus.Observing;
using EventBus.Recording;
using EventBus.Storage;
using EventBus.Timing;
using Microsoft.Extensions.Logging;

namespace EventBus.Publishing;

/// <summary>Scheduled events that are kept in the event log, until they become events of it.</summary>
/// <remarks>Only what is due next is looked at; of an event that was scheduled in this start its id is kept in memory. Within a start of the bus time is monotonic: a clock that is set moves nothing. After
/// a restart a wait is the smaller of what is left and its whole length.</remarks>
internal sealed class LogSchedule(Recorder recorder, ActivatedDelivery delivery, DueTimer timer, WorkStarter starter, Clock clock, IdleSignal idle, ILogger logger) : DueItem
{
    private const int Page = 64;

    private static readonly TimeSpan s_again = TimeSpan.FromSeconds(1);

    private readonly object _gate = new();
    private readonly HashSet<ScheduledName> _ofThisStart = [];
    private DateTimeOffset _startedAt;
    private long _startedAtTicks;
    private long _nextAt = long.MaxValue;
    private bool _isLooking;
    private bool _looksAgain;
    private bool _stopped = true;

    private DateTimeOffset Now => _startedAt.AddTicks(clock.Now - _startedAtTicks);

    public void Start()
    {
        lock (_gate)
        {
            _startedAt = clock.UtcNow;
            _startedAtTicks = clock.Now;
            _stopped = false;
            _ofThisStart.Clear();
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

    /// <exception cref="ArgumentException">The event cannot be stored, or one of its id is scheduled already.</exception>
    public async ValueTask<ScheduledEvent> AddAsync(object @event, Stamp stamp, TimeSpan delay, PublishOptions? options, EventDetails? details, CancellationToken cancellationToken)
    {
        var session = recorder.Session;
        var (entry, record) = recorder.Prepare(@event, stamp, details);
        var (now, at) = (Now, Clock.After(clock.Now, delay));
        var due = delay > TimeSpan.Zero ? Clock.After(now, delay) : now;
        var scheduled = new LogScheduledEvent(RecordCodec.At(record, now, null), due, options?.TimeToLive);
        var existing = await session.Writer.SubmitAsync(transaction =>
        {
            var there = transaction.AddScheduled(scheduled, session.Codec.Types.OthersOf(record));
            if (there is null)
                Know(ScheduledName.Of(record));
            return there;
        }).WaitAsync(cancellationToken).AnyContext();
        if (existing is not null)
            return ScheduledName.Of(existing.Record).At(existing.Due);
        LookAt(at);
        return ScheduledName.Of(record).At(due);
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
        if (error is EventLogException { IsTransient: true })
            return Clock.After(clock.Now, s_again);
        session?.Writer.FailWith(error as EventLogException ?? new EventLogException($"The schedule in the event log could not be read: {error.GetType().Name}: {error.Message}", error));
        return null;
    }

    /// <returns>When the next is due; nothing where none is scheduled.</returns>
    private async Task<long?> ActivateDueAsync(LogSession session)
    {
        while (true)
        {
            var page = await session.Reader.ReadAsync(static log => log.ReadScheduled(Page)).AnyContext();
            if (page.Count == 0)
                return null;
            // One moment for the whole page: else the one that is looked at later would seem to be due earlier.
            var (now, ticks) = (Now, clock.Now);
            long? first = null;
            // All of a page that is due goes into the log with one commit, as far as it can, and then to the handlers in its order.
            var activations = new List<ActivateOperation>();
            foreach (var (wait, scheduled) in page.Select(scheduled => (WaitOf(scheduled, now), scheduled)).OrderBy(static one => one.Item1))
            {
                if (wait > TimeSpan.Zero)
                {
                    first = Clock.After(ticks, wait);
                    break;
                }

                activations.Add(Activate(session, scheduled, -wait));
            }

            ExceptionDispatchInfo? failure = null;
            foreach (var activation in activations)
            {
                try
                {
                    var activated = await activation.Task.AnyContext();
                    await delivery.FinishAsync(activation, activated).AnyContext();
                }
                catch (Exception error)
                {
                    // It is still scheduled; but others of the page may be committed.
                    failure ??= ExceptionDispatchInfo.Capture(error);
                }
            }

            failure?.Throw();

            if (first is not null || activations.Count < page.Count)
                return first;
        }
    }

    // Scheduled before this start, at a time that the clock now says was still to come: the clock was set back, and the whole wait begins again.
    private TimeSpan WaitOf(LogScheduledEvent scheduled, DateTimeOffset now)
    {
        var setBack = scheduled.Record.Time > _startedAt && !IsOfThisStart(ScheduledName.Of(scheduled.Record)) ? scheduled.Record.Time - _startedAt : TimeSpan.Zero;
        return scheduled.Due - setBack - now;
    }

    private bool IsOfThisStart(ScheduledName name)
    {
        lock (_gate)
            return _ofThisStart.Contains(name);
    }

    private void Know(ScheduledName name)
    {
        lock (_gate)
            _ofThisStart.Add(name);
    }

    private void Forget(ScheduledName name)
    {
        lock (_gate)
            _ofThisStart.Remove(name);
    }

    private ActivateOperation Activate(LogSession session, LogScheduledEvent scheduled, TimeSpan overdue)
    {
        var now = clock.UtcNow;
        // Its life began when it was due, also where nobody was there to publish it.
        var life = scheduled.TimeToLive - overdue;
        var record = RecordCodec.At(scheduled.Record, now, life is { } left ? Clock.After(now, left) : null);
        var @event = session.Codec.Decode(record);
        AppendedEvent? live = @event is UnreadableEvent ? null : new(@event, RecordCodec.StampOf(record), session.Codec.DetailsOf(record, isReplay: false, null)) { Placement = delivery.PlacementFor(@event) };
        // Forgotten before anybody has it: who handles it may schedule one of its id again.
        var activate = new ActivateOperation(record, live, session.Codec.Types, recorder.DeduplicateSince(record.IsIdGiven), removed => Forget(ScheduledName.Of(removed)));
        session.Writer.Submit(activate);
        return activate;
    }
}
