using EventBus.Events;
using EventBus.Observing;
using EventBus.Timing;

namespace EventBus.Publishing;

/// <summary>Events that are published later.</summary>
internal sealed class Schedule(PublishingParts parts, IDeliveryHost host, DueTimer timer, WorkStarter starter, IdleSignal idle)
{
    private static readonly TimeSpan s_again = TimeSpan.FromSeconds(1);

    private readonly object _gate = new();
    private readonly Dictionary<ScheduledName, Entry> _entries = [];

    /// <summary>What is still due, in order of due time.</summary>
    public IReadOnlyList<ScheduledEvent> Due
    {
        get
        {
            lock (_gate)
                return [.. _entries.Values.Select(static entry => entry.Scheduled).OrderBy(static scheduled => scheduled.DueTime)];
        }
    }

    public ScheduledEvent Add<T>(Publication<T> publication, T @event, TimeSpan delay, DateTimeOffset dueTime, PublishOptions? options, PublishOrigin? origin, TraceContext? trace)
        where T : notnull
    {
        // What is wrong with the options is said now, not when the event is due.
        _ = Details.Of(options, origin, parts.Clock);
        var scheduled = new ScheduledName(host.TypeNameOf(@event.GetType()), options?.Source, options?.Id ?? host.Identity.IdOf(parts.Stamper.Next())).At(dueTime);
        var now = parts.Clock.Now;
        var dueAt = Clock.After(now, delay > TimeSpan.Zero ? delay : TimeSpan.Zero);
        var entry = new Entry<T>(this, scheduled, new(scheduled.Id, dueAt, trace), publication, @event, options, origin);
        lock (_gate)
        {
            if (_entries.TryGetValue(entry.Name, out var existing))
                return existing.Scheduled;
            _entries.Add(entry.Name, entry);
            if (delay > TimeSpan.Zero)
                timer.Add(entry, delay);
            else
                Start(entry);
        }

        return scheduled;
    }

    public bool Cancel(ScheduledEvent scheduled)
    {
        lock (_gate)
        {
            if (!_entries.TryGetValue(ScheduledName.Of(scheduled), out var entry) || entry.IsBeingPublished)
                return false;
            timer.Remove(entry);
            return _entries.Remove(entry.Name);
        }
    }

    /// <summary>Publishes what became due while the bus was stopped.</summary>
    public void CatchUp()
    {
        lock (_gate)
        {
            foreach (var entry in _entries.Values)
            {
                if (entry is { Position: < 0, IsBeingPublished: false })
                    Start(entry);
            }
        }
    }

    private void Start(Entry entry)
    {
        idle.Enter();
        starter.Start(async () =>
        {
            if (TryBegin(entry))
                await PublishAsync(entry).AnyContext();
            idle.Leave();
        });
    }

    private async Task PublishAsync(Entry entry)
    {
        TimeSpan? again = null;
        try
        {
            await entry.PublishAsync().AnyContext();
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

        End(entry, again);
    }

    private bool TryBegin(Entry entry)
    {
        lock (_gate)
        {
            // What became due just before a start may come twice: by its own time, and by catching up.
            if (!parts.Intake.IsOpen || entry.IsBeingPublished || !_entries.ContainsKey(entry.Name))
                return false;
            timer.Remove(entry);
            return entry.IsBeingPublished = true;
        }
    }

    private void End(Entry entry, TimeSpan? again)
    {
        lock (_gate)
        {
            entry.IsBeingPublished = false;
            if (again is { } delay)
                timer.Add(entry, delay);
            else
                _entries.Remove(entry.Name);
        }
    }

    private abstract class Entry(Schedule schedule, ScheduledEvent scheduled) : DueItem
    {
        public ScheduledEvent Scheduled => scheduled;

        public ScheduledName Name { get; } = ScheduledName.Of(scheduled);

        public abstract Type EventType { get; }

        public bool IsBeingPublished { get; set; }

        public override void OnDue() => schedule.Start(this);

        public abstract ValueTask PublishAsync();
    }

    private sealed class Entry<T>(Schedule schedule, ScheduledEvent scheduled, Appointment appointment, Publication<T> publication, T @event, PublishOptions? options, PublishOrigin? origin)
        : Entry(schedule, scheduled)
        where T : notnull
    {
        public override Type EventType => typeof(T);

        public override ValueTask PublishAsync() => publication.PublishScheduledAsync(@event, options, origin, appointment);
    }
}
