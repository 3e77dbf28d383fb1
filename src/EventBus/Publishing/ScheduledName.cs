using EventBus.Events;
using EventBus.Observing;
using EventBus.Storage;

namespace EventBus.Publishing;

/// <summary>What names a scheduled event: the stored name of its type, its source and its id.</summary>
internal readonly record struct ScheduledName(string Type, string? Source, string Id)
{
    public static ScheduledName Of(ScheduledEvent scheduled) => new(scheduled.Type, scheduled.Source, scheduled.Id);

    public static ScheduledName Of(LogRecord record) => new(record.Type, record.Source, record.Id);

    /// <exception cref="ArgumentException">It is the event that is being handled.</exception>
    public void RefuseIfHandledBy(PublishOrigin? origin)
    {
        if (origin?.IsOf(Type, Source, Id) == true)
            throw new ArgumentException($"Event '{Type}' with the id '{LogText.Safe(Id)}' is being handled, and is scheduled again under its own id: it would be taken for published, and nobody would get it. Leave PublishOptions.Id out, or give the next one an id of its own, for example '{LogText.Safe(Id)}/2'.");
    }

    public ScheduledEvent At(DateTimeOffset due) => new(Id, due, Type, Source);
}
