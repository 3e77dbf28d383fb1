using EventBus.Sqlite.Statements;
using EventBus.Storage;
using SQLitePCL;

namespace EventBus.Sqlite.Writing;

/// <summary>Writes dead letters.</summary>
internal sealed class DeadLetterWriter(Session session, EventTypes types)
{
    private readonly Statement _add = session.Statement($"""
        INSERT INTO dead_letters (dead_letter, subscription, is_redriven, is_superseded, reason, attempts, last_attempt, exception_type, description, exception_text, sequence, {EventColumns.Names})
        VALUES (NULLIF(?1, 0), ?2, 0, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, {EventColumns.Parameters})
        """);

    private readonly Statement _mark = session.Statement("UPDATE dead_letters SET is_redriven = ?1 WHERE dead_letter = ?2 AND is_redriven <> ?1");
    private readonly Statement _supersede = session.Statement("UPDATE dead_letters SET is_superseded = 1 WHERE subscription = ? AND sequence BETWEEN ? AND ?");
    private readonly Statement _remove = session.Statement("DELETE FROM dead_letters WHERE dead_letter = ?");

    public long Add(LogDeadLetter letter)
    {
        _add.Bind(1, letter.Id);
        _add.Bind(2, letter.Subscription);
        _add.Bind(3, letter.IsSuperseded);
        _add.Bind(4, (long)letter.Reason);
        _add.Bind(5, letter.Attempts);
        _add.Bind(6, letter.LastAttemptTime.ToUnixTimeMilliseconds());
        _add.Bind(7, letter.ExceptionType);
        _add.Bind(8, letter.Description);
        _add.Bind(9, letter.ExceptionText);
        _add.Bind(10, letter.Record.Sequence);
        EventColumns.Bind(_add, 11, letter.Record, types.NumberOf(letter.Record.Type, letter.Record.TypeVersion), RowChecksum.Of(letter.Record.Checksum, letter.Record.Sequence));
        _add.Execute();
        return raw.sqlite3_last_insert_rowid(session.Handle);
    }

    public bool Mark(long id, bool isRedriven)
    {
        _mark.Bind(1, isRedriven);
        _mark.Bind(2, id);
        _mark.Execute();
        return session.Changes == 1;
    }

    public void Supersede(string subscription, long from, long to)
    {
        _supersede.Bind(1, subscription);
        _supersede.Bind(2, from);
        _supersede.Bind(3, to);
        _supersede.Execute();
    }

    public bool Remove(long id)
    {
        _remove.Bind(1, id);
        _remove.Execute();
        return session.Changes == 1;
    }
}
