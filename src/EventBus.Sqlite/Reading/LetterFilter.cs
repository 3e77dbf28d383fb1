using EventBus.Sqlite.Statements;

namespace EventBus.Sqlite.Reading;

/// <summary>The conditions that a <see cref="DeadLetterQuery"/> sets.</summary>
[Flags]
internal enum LetterConditions
{
    None = 0,
    Subscription = 1,
    EventType = 2,
    Reason = 4,
    CorrelationId = 8,
}

/// <summary>A query for dead letters as SQL: fixed text for each condition, and what it is compared with as a parameter.</summary>
internal static class LetterFilter
{
    public static LetterConditions ConditionsOf(DeadLetterQuery query) =>
        (query.Subscription is null ? 0 : LetterConditions.Subscription)
        | (query.EventType is null ? 0 : LetterConditions.EventType)
        | (query.Reason is null ? 0 : LetterConditions.Reason)
        | (query.CorrelationId is null ? 0 : LetterConditions.CorrelationId);

    public static string Sql(LetterConditions conditions) => string.Concat(
        conditions.HasFlag(LetterConditions.Subscription) ? " AND subscription = ?3" : "",
        conditions.HasFlag(LetterConditions.EventType) ? " AND type IN (SELECT t.type FROM types t WHERE t.name = ?4)" : "",
        conditions.HasFlag(LetterConditions.Reason) ? " AND reason = ?5" : "",
        conditions.HasFlag(LetterConditions.CorrelationId) ? " AND (correlation_id = ?6 OR (correlation_id IS NULL AND id = ?6))" : "");

    public static void Bind(Statement statement, DeadLetterQuery query)
    {
        if (query.Subscription is not null)
            statement.Bind(3, query.Subscription);
        if (query.EventType is not null)
            statement.Bind(4, query.EventType);
        if (query.Reason is { } reason)
            statement.Bind(5, (long)reason);
        if (query.CorrelationId is not null)
            statement.Bind(6, query.CorrelationId);
    }
}
