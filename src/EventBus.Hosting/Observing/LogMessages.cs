using Microsoft.Extensions.Logging;

namespace EventBus.Hosting.Observing;

/// <summary>Every line that this package logs. Ids, and what stands in configuration, come here through <c>LogText.Safe</c>; events never come here.</summary>
internal static partial class LogMessages
{
    public const string Category = "EventBus.Hosting";

    [LoggerMessage(LogEventIds.Receipt, LogLevel.Information, "Subscription {Subscription} at the stop: {Accepted} accepted, {Handled} handled, {Retried} retried, {Duplicates} duplicates, {Filtered} filtered, {Expired} expired, {Failed} failed, {DeadLettered} dead letters, {Dropped} dropped, {Abandoned} abandoned; in the event log {Kept} kept and {Lag} unread.")]
    public static partial void Receipt(
        ILogger log, string subscription, long accepted, long handled, long retried, long duplicates, long filtered, long expired, long failed, long deadLettered, long dropped, int abandoned, long kept, long lag);

    [LoggerMessage(LogEventIds.Lost, LogLevel.Warning, "Subscription {Subscription} had accepted {EventType} {Id} and did not settle it before the stop. It is lost with the process.")]
    public static partial void Lost(ILogger log, string subscription, string eventType, string id);

    [LoggerMessage(LogEventIds.LeftForTheNextStart, LogLevel.Warning, "The handler of subscription {Subscription} did not return from {EventType} {Id}, event {Sequence} of the log, before the stop. It is delivered again after the next start.")]
    public static partial void LeftForTheNextStart(ILogger log, string subscription, string eventType, string id, long sequence);

    [LoggerMessage(LogEventIds.MoreAbandoned, LogLevel.Warning, "Subscription {Subscription} left {Count} more deliveries like these.")]
    public static partial void MoreAbandoned(ILogger log, string subscription, int count);

    [LoggerMessage(LogEventIds.StillScheduled, LogLevel.Warning, "Event {Id} is scheduled in memory for {DueTime}. It is lost with the process.")]
    public static partial void StillScheduled(ILogger log, string id, DateTimeOffset dueTime);

    [LoggerMessage(LogEventIds.MoreScheduled, LogLevel.Warning, "{Count} more events are scheduled in memory, and lost with the process.")]
    public static partial void MoreScheduled(ILogger log, int count);

    [LoggerMessage(LogEventIds.CutShort, LogLevel.Warning, "The host's own limit ended the stop of the bus after {Elapsed}, before handlers were told to end: the bus had reckoned with {Left}. EventBusHostingOptions.StopLimit is {StopLimit}: set it to the host's ShutdownTimeout.")]
    public static partial void CutShort(ILogger log, TimeSpan elapsed, TimeSpan left, TimeSpan stopLimit);

    [LoggerMessage(LogEventIds.Paused, LogLevel.Information, "Subscription {Subscription} is paused, as configuration key '{Key}' now says.")]
    public static partial void Paused(ILogger log, string subscription, string key);

    [LoggerMessage(LogEventIds.Resumed, LogLevel.Information, "Subscription {Subscription} is resumed, as configuration key '{Key}' now says.")]
    public static partial void Resumed(ILogger log, string subscription, string key);

    [LoggerMessage(LogEventIds.NeedsRestart, LogLevel.Warning, "Configuration key '{Key}' is now '{Value}', which needs a restart of the process: until then the bus runs with '{Running}'.")]
    public static partial void NeedsRestart(ILogger log, string key, string value, string running);

    [LoggerMessage(LogEventIds.AsItRuns, LogLevel.Information, "Configuration key '{Key}' is again '{Value}', with which the bus runs.")]
    public static partial void AsItRuns(ILogger log, string key, string value);

    [LoggerMessage(LogEventIds.WrongConfiguration, LogLevel.Error, "The configuration has changed, and is wrong now: {Mistake} The bus keeps what it has, and the process would not start again.")]
    public static partial void WrongConfiguration(ILogger log, string mistake);

    [LoggerMessage(LogEventIds.UnreadSection, LogLevel.Warning, "Configuration section '{Section}' is read by no bus. Read there: {Read}. Correct its name if it is meant for one, or move it elsewhere.")]
    public static partial void UnreadSection(ILogger log, string section, string read);
}
