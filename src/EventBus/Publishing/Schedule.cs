using EventBus.Events;
using EventBus.Observing;
using EventBus.Timing;

namespace EventBus.Publishing;

/// <summary>Events that are published later.</summary>
/// <remarks>What is due is published in order of due time and then of scheduling, by one piece of work at a time: it begins each publish before the next, and waits for none.</remarks>
internal sealed class Schedule(PublishingParts parts, IDeliveryHost host, DueTimer timer, WorkStarter starter, IdleSignal idle) : DueItem
{
    private static readonly TimeSpan s_again = TimeSpan.FromSeconds(1);

    private readonly object _gate = new();
    private readonly Dictionary<ScheduledName, Entry> _entries = [];
    private readonly SortedSet<Entry> _waiting = new(Entry.Order);
    private readonly WallTime _wallTime = new(parts.Clock);
    private long _added;
    private bool _isLooking;

    /// <summary>What is still due, in order of due time.</summary>
    public IReadOnlyList<ScheduledEvent> Due
    {
        get
        {
            lock (_gate)
                return [.. _entries.Values.OrderBy(static entry => entry.Scheduled.DueTime).ThenBy(static entry => entry.Number).Select(static entry => entry.Scheduled)];
        }
    }

    public ScheduledEvent Add<T>(Publication<T> publication, T @event, TimeSpan delay, DateTimeOffset dueTime, PublishOptions? options, PublishOrigin? origin, TraceContext? trace)
        where T : notnull
    {
        // What is wrong with the options is said now, not when the event is due.
        _ = Details.Of(options, origin, parts.Clock);
        var name = new ScheduledName(host.TypeNameOf(@event.GetType()), options?.Source, options?.Id ?? host.Identity.IdOf(parts.Stamper.Next()));
        if (options?.Id is not null)
            name.RefuseIfHandledBy(origin);
        Entry? existing;
        lock (_gate)
        {
            if (!_entries.TryGetValue(name, out existing))
            {
                var dueAt = delay > TimeSpan.Zero ? _wallTime.MomentOf(dueTime) : parts.Clock.Now;
                var entry = new Entry<T>(name.At(dueTime), delay, new(name.Id, dueAt, trace), publication, @event, options, origin) { Name = name, Number = ++_added, At = dueAt };
                _entries.Add(name, entry);
                _waiting.Add(entry);
                if (delay > TimeSpan.Zero)
                {
                    Arm();
                    return entry.Scheduled;
                }
            }
        }

        if (existing is null)
            OnDue();
        else if (existing.IsOtherThan(@event, dueTime, delay))
            LogMessages.ScheduledAgain(parts.Log, name.Type, LogText.Safe(name.Id), existing.Scheduled.DueTime);
        return existing?.Scheduled ?? name.At(dueTime);
    }

    public bool Cancel(ScheduledEvent scheduled)
    {
        lock (_gate)
        {
            if (!_entries.TryGetValue(ScheduledName.Of(scheduled), out var entry) || entry.HasBegun || !_waiting.Remove(entry))
                return false;
            return _entries.Remove(entry.Name);
        }
    }

    /// <summary>Publishes what became due while the bus was stopped.</summary>
    public void CatchUp() => OnDue();

    public override void OnDue()
    {
        lock (_gate)
        {
            // Whoever looks does so once more before it ends.
            if (_isLooking)
                return;
            if (!IsAnyDue())
            {
                Arm();
                return;
            }

            _isLooking = true;
        }

        idle.Enter();
        starter.Start(PublishDueAsync);
    }

    private Task PublishDueAsync()
    {
        while (TakeDue() is { } entry)
        {
            idle.Enter();
            var publishing = BeginAsync(entry);
            if (publishing.IsCompleted)
                idle.Leave();
            else
                _ = LeaveAfterAsync(publishing);
        }

        idle.Leave();
        return Task.CompletedTask;
    }

    private async Task LeaveAfterAsync(Task publishing)
    {
        await publishing.AnyContext();
        idle.Leave();
    }

    private Entry? TakeDue()
    {
        lock (_gate)
        {
            if (IsAnyDue() && _waiting.Min is { } entry)
            {
                _waiting.Remove(entry);
                return entry;
            }

            _isLooking = false;
            Arm();
            return null;
        }
    }

    private bool IsAnyDue() => parts.Intake.IsOpen && _waiting.Min is { } first && first.At <= parts.Clock.Now;

    // What is due while nothing may be published waits for the next start.
    private void Arm()
    {
        if (_waiting.Min is { } first && (parts.Intake.IsOpen || first.At > parts.Clock.Now))
            timer.AddAt(this, first.At);
    }

    private async Task BeginAsync(Entry entry)
    {
        TimeSpan? again = null;
        try
        {
            await entry.PublishAsync(parts.Stamper).AnyContext();
        }
        catch (PublishException error)
        {
            again = s_again;
            LogMessages.ScheduledRefused(parts.Log, error, entry.EventType.Name, LogText.Safe(entry.Scheduled.Id), s_again);
        }
        catch (Exception error)
        {
            LogMessages.ScheduledFailed(parts.Log, error, entry.EventType.Name, LogText.Safe(entry.Scheduled.Id));
        }

        lock (_gate)
        {
            if (again is { } delay)
            {
                entry.At = Clock.After(parts.Clock.Now, delay);
                _waiting.Add(entry);
                Arm();
            }
            else
            {
                _entries.Remove(entry.Name);
            }
        }
    }

    private abstract class Entry(ScheduledEvent scheduled, TimeSpan delay)
    {
        public static IComparer<Entry> Order { get; } = Comparer<Entry>.Create(static (a, b) => a.At.CompareTo(b.At) is var byTime and not 0 ? byTime : a.Number.CompareTo(b.Number));

        public ScheduledEvent Scheduled => scheduled;

        public required ScheduledName Name { get; init; }

        public required long Number { get; init; }

        /// <summary>When it is published, on the bus's monotonic clock. Changed only while it does not wait.</summary>
        public required long At { get; set; }

        public abstract Type EventType { get; }

        /// <summary>Whether somebody has the event already, although others had no room for it.</summary>
        public abstract bool HasBegun { get; }

        /// <summary>Whether an event that is scheduled under the same name was meant to be another one: another body, or another time, whether it was given as a time or as a delay.</summary>
        public bool IsOtherThan(object @event, DateTimeOffset dueTime, TimeSpan otherDelay) =>
            (dueTime != scheduled.DueTime && otherDelay != delay) || !IsSame(@event);

        public abstract ValueTask PublishAsync(Stamper stamper);

        protected abstract bool IsSame(object @event);
    }

    private sealed class Entry<T>(ScheduledEvent scheduled, TimeSpan delay, Appointment appointment, Publication<T> publication, T @event, PublishOptions? options, PublishOrigin? origin)
        : Entry(scheduled, delay)
        where T : notnull
    {
        private Stamp? _stamp;
        private IReadOnlyList<string>? _missing;

        public override Type EventType => typeof(T);

        public override bool HasBegun => _missing is not null;

        // Published again, it is the same event, and goes only where it was not accepted.
        public override async ValueTask PublishAsync(Stamper stamper)
        {
            var stamp = _stamp ??= stamper.Next();
            try
            {
                if (_missing is null)
                    await publication.PublishScheduledAsync(@event, stamp, options, origin, appointment).AnyContext();
                else
                    publication.OfferScheduledAgain(@event, stamp, options, origin, appointment, _missing);
            }
            catch (PublishException error)
            {
                _missing = error.MissedBy ?? _missing;
                throw;
            }
        }

        // Two objects of a class that says nothing about equality may be the same event.
        protected override bool IsSame(object other) => ReferenceEquals(@event, other) || @event is not IEquatable<T> equatable || (other is T same && equatable.Equals(same));
    }
}
