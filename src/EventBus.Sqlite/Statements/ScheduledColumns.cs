using EventBus.Storage;

namespace EventBus.Sqlite.Statements;

/// <summary>The columns of a scheduled event.</summary>
internal static class ScheduledColumns
{
    public const string Names = $"due, time_to_live, {EventColumns.Names}";

    public static LogScheduledEvent Read(Statement statement, EventTypes types) => new(
        EventColumns.Read(statement, 2, sequence: 0, types),
        statement.Time(0),
        statement.IsNull(1) ? null : TimeSpan.FromTicks(statement.Int64(1)));
}
