using EventBus.Sqlite.Statements;
using EventBus.Storage;

namespace EventBus.Sqlite.Reading;

/// <summary>The conditions that a <see cref="LogFilter"/> sets.</summary>
[Flags]
internal enum EventConditions
{
    None = 0,
    Types = 1,
    Key = 2,
    CorrelationId = 4,
    From = 8,
    Before = 16,
}

/// <summary>A filter as SQL: fixed text for each condition, and what it is compared with as a parameter.</summary>
internal static class EventFilter
{
    public static EventConditions ConditionsOf(LogFilter? filter) =>
        filter is null
            ? EventConditions.None
            : (filter.Types is null ? 0 : EventConditions.Types)
                | (filter.Key is null ? 0 : EventConditions.Key)
                | (filter.CorrelationId is null ? 0 : EventConditions.CorrelationId)
                | (filter.From is null ? 0 : EventConditions.From)
                | (filter.Before is null ? 0 : EventConditions.Before);

    public static string Sql(EventConditions conditions) => string.Concat(
        conditions.HasFlag(EventConditions.From) ? " AND time >= ?3" : "",
        conditions.HasFlag(EventConditions.Before) ? " AND time < ?4" : "",
        conditions.HasFlag(EventConditions.Types) ? " AND type IN (SELECT value FROM json_each(?5))" : "",
        conditions.HasFlag(EventConditions.Key) ? " AND key = ?6" : "",
        // The event that begins a conversation carries no conversation: it is the conversation of its own id.
        conditions.HasFlag(EventConditions.CorrelationId) ? " AND (correlation_id = ?7 OR (correlation_id IS NULL AND id = ?7))" : "");

    /// <param name="statement">The statement with the text of <see cref="Sql"/>.</param>
    /// <param name="filter">The filter.</param>
    /// <param name="types">The numbers of its types, as a JSON array.</param>
    public static void Bind(Statement statement, LogFilter filter, string? types)
    {
        if (filter.From is { } from)
            statement.Bind(3, from.ToUnixTimeMilliseconds());
        if (filter.Before is { } before)
            statement.Bind(4, before.ToUnixTimeMilliseconds());
        if (types is not null)
            statement.Bind(5, types);
        if (filter.Key is not null)
            statement.Bind(6, filter.Key);
        if (filter.CorrelationId is not null)
            statement.Bind(7, filter.CorrelationId);
    }
}
