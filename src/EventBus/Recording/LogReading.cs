using EventBus.Storage;

namespace EventBus.Recording;

/// <summary>Answers the questions about a log in memory.</summary>
internal static class LogReading
{
    public static List<LogRecord> Read(this LogContents contents, long after, int count, LogFilter? filter, CancellationToken cancellationToken)
    {
        var page = new List<LogRecord>();
        if (after == long.MaxValue)
            return page;
        foreach (var (_, record) in contents.Events.From(new(after + 1, null!)))
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (filter is not null && !Matches(filter, record))
                continue;
            page.Add(record);
            if (page.Count == count)
                break;
        }

        return page;
    }

    public static List<LogRecord> Read(this LogContents contents, IReadOnlyList<long> sequences)
    {
        var found = new List<LogRecord>(sequences.Count);
        foreach (var sequence in sequences)
        {
            if (contents.Events.TryGetValue(new(sequence, null!), out var row))
                found.Add(row.Record);
        }

        return found;
    }

    public static long? ReadSequenceAt(this LogContents contents, DateTimeOffset time, CancellationToken cancellationToken)
    {
        var from = LogTime.Of(time);
        foreach (var (sequence, record) in contents.Events)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (record.Time >= from)
                return sequence;
        }

        return null;
    }

    public static IEnumerable<LogDelivery> DeliveriesOf(this LogContents contents, string subscription) =>
        contents.Deliveries.From(new(subscription, long.MinValue, long.MinValue))
            .TakeWhile(row => row.Subscription == subscription)
            .Select(static row => row.Delivery!);

    public static IEnumerable<LogDeadLetter> KeptLetters(this LogContents contents, DeadLetterQuery query, long afterId, CancellationToken cancellationToken) =>
        afterId == long.MaxValue ? [] : contents.DeadLetters.From(new(afterId + 1))
            .Where(row =>
            {
                cancellationToken.ThrowIfCancellationRequested();
                return !row.IsRedriven;
            })
            .Select(static row => row.Letter!)
            .Where(letter => Matches(query, letter));

    private static bool Matches(LogFilter filter, LogRecord record) =>
        filter.Types?.Contains(record.Type) != false
        && (filter.Key is null || filter.Key == record.Key)
        && (filter.CorrelationId is null || filter.CorrelationId == (record.CorrelationId ?? record.Id))
        && (filter.From is not { } from || record.Time >= LogTime.Of(from))
        && (filter.Before is not { } before || record.Time < LogTime.Of(before));

    private static bool Matches(DeadLetterQuery query, LogDeadLetter letter) =>
        (query.Subscription is null || query.Subscription == letter.Subscription)
        && (query.EventType is null || query.EventType == letter.Record.Type)
        && (query.Reason is null || query.Reason == letter.Reason)
        && (query.CorrelationId is null || query.CorrelationId == (letter.Record.CorrelationId ?? letter.Record.Id));
}
