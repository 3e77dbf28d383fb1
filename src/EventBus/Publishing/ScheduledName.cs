using EventBus.Storage;

namespace EventBus.Publishing;

/// <summary>What names a scheduled event: the stored name of its type, its source and its id.</summary>
internal readonly record struct ScheduledName(string Type, string? Source, string Id)
{
    public static ScheduledName Of(ScheduledEvent scheduled) => new(scheduled.Type, scheduled.Source, scheduled.Id);

    public static ScheduledName Of(LogRecord record) => new(record.Type, record.Source, record.Id);

    public ScheduledEvent At(DateTimeOffset due) => new(Id, due, Type, Source);
}
