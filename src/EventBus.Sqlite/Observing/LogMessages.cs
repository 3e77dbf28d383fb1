using Microsoft.Extensions.Logging;

namespace EventBus.Sqlite.Observing;

/// <summary>Every line that the log in a file logs.</summary>
internal static partial class LogMessages
{
    [LoggerMessage(LogEventIds.JournalGrows, LogLevel.Warning, "The journal '{File}-wal' has grown to {Megabytes} MB, and cannot be emptied into the event log: somebody keeps a reading transaction open. The likely cause is another program that has the file open; a backup or an integrity check of the bus does so too until it ends. End that transaction; until then the journal grows by all that is written.")]
    public static partial void JournalGrows(ILogger logger, string file, long megabytes);
}
