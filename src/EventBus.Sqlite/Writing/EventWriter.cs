using EventBus.Sqlite.Opening;
using EventBus.Sqlite.Statements;
using EventBus.Storage;

namespace EventBus.Sqlite.Writing;

/// <summary>Appends and removes events.</summary>
internal sealed class EventWriter(Session session, EventTypes types, Ownership ownership)
{
    private readonly Statement _append = session.Statement($"INSERT INTO events (sequence, {EventColumns.Names}) VALUES (?, {EventColumns.Parameters})");

    private readonly Statement _find = session.Statement("""
        SELECT sequence, type, body FROM events
        WHERE id = ? AND source IS ? AND is_id_given = 1 AND time >= ?
        ORDER BY sequence
        """);

    private readonly Statement _removeOldest = session.Statement("DELETE FROM events WHERE sequence IN (SELECT sequence FROM events WHERE sequence <= ? ORDER BY sequence LIMIT ?)");

    // The times of events need not grow, where a clock was set back. Passing over those that lie ahead must not end in reading the whole log again and again: it looks
    // at twice as many as it may remove.
    private readonly Statement _removeOlder = session.Statement("""
        DELETE FROM events WHERE sequence IN (
            SELECT sequence FROM (SELECT sequence, time FROM events WHERE sequence <= ?1 ORDER BY sequence LIMIT 2 * ?2)
            WHERE time < ?3 ORDER BY sequence LIMIT ?2)
        """);

    public LogAppended Append(LogRecord record, DateTimeOffset? deduplicateSince, Func<string, bool>? isSameType)
    {
        if (record.IsIdGiven && deduplicateSince is { } since && Find(record, since, isSameType) is { } found)
            return found;

        var type = types.NumberOf(record.Type, record.TypeVersion);
        var sequence = ownership.NextSequence();
        _append.Bind(1, sequence);
        EventColumns.Bind(_append, 2, record, type, RowChecksum.Of(record.Checksum, sequence));
        _append.Execute();
        return new(sequence);
    }

    public int Remove(long upTo, DateTimeOffset? before, int count)
    {
        var statement = before is null ? _removeOldest : _removeOlder;
        statement.Bind(1, upTo);
        statement.Bind(2, count);
        if (before is { } time)
            statement.Bind(3, time.ToUnixTimeMilliseconds());
        statement.Execute();
        return session.Changes;
    }

    private LogAppended? Find(LogRecord record, DateTimeOffset since, Func<string, bool>? isSameType)
    {
        _find.Bind(1, record.Id);
        _find.Bind(2, record.Source);
        _find.Bind(3, since.ToUnixTimeMilliseconds());
        using var rows = _find.Query();
        while (rows.Next())
        {
            if (types.IsOf(_find.Int64(1), record.Type, isSameType))
                return new(_find.Int64(0), IsDuplicate: true, IsSameBody: _find.IsBlob(2, record.Body.Span));
        }

        return null;
    }
}
