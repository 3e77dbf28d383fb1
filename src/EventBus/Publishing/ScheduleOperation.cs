using EventBus.Recording;
using EventBus.Storage;

namespace EventBus.Publishing;

/// <summary>Adds an event to the schedule in the log. What follows from its commit follows also where its publisher has gone away.</summary>
internal sealed class ScheduleOperation(LogSchedule schedule, ScheduledName name, long moment, LogScheduledEvent scheduled, EventTypeRegistry types) : AppendOperation
{
    private bool _isKnown;

    /// <summary>The one that is scheduled already; nothing where this one was added.</summary>
    public LogScheduledEvent? Existing { get; private set; }

    public override void Apply(ILogTransaction transaction)
    {
        Existing = transaction.AddScheduled(scheduled, types.OthersOf(scheduled.Record));
        _isKnown = Existing is null;
        if (_isKnown)
            schedule.Know(name, moment);
    }

    public override void Committed()
    {
        if (_isKnown)
            schedule.Committed(name, moment);
        // A failure that comes later is not its own.
        _isKnown = false;
        base.Committed();
    }

    public override void Failed(Exception error)
    {
        if (_isKnown)
            schedule.Forget(name);
        _isKnown = false;
        base.Failed(error);
    }
}
