namespace EventBus.Sqlite.Observing;

/// <summary>The numbers of this package's log messages. Those below 900 are the bus's own.</summary>
internal static class LogEventIds
{
    public const int JournalGrows = 900;
}
