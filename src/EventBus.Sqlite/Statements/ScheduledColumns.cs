using EventBus.Storage;

namespace EventBus.Sqlite.Statements;

/// <summary>The columns of a scheduled event.</summary>
internal static class ScheduledColumns
{
    public const string Names = $"due, time_to_live, {EventColumns.Names}";

    public static LogScheduledEvent Read(Statement statement, EventTypes types)
    {
        long? timeToLive = statement.IsNull(1) ? null : statement.Int64(1);
        var checksum = RowChecksum.Read(EventColumns.Checksum(statement, 2), statement.Int64(0), timeToLive);
        return new(EventColumns.Read(statement, 2, sequence: 0, checksum, types), statement.Time(0), timeToLive is { } ticks ? TimeSpan.FromTicks(ticks) : null);
    }
}
