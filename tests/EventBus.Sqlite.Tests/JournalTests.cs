using EventBus.Sqlite.Statements;
using EventBus.Sqlite.Tests.Support;
using EventBus.Storage;
using SQLitePCL;

namespace EventBus.Sqlite.Tests;

public sealed class JournalTests : IDisposable
{
    private const int Megabyte = 1024 * 1024;

    private readonly OpenFile _file = new(new() { Synchronous = SqliteSynchronous.Normal });

    public void Dispose() => _file.Dispose();

    [Fact]
    public void No_reading_leaves_a_statement_open()
    {
        _file.Append(Facts.Event("a"), Facts.Event("b"));
        _file.Commit(static transaction =>
        {
            transaction.SaveSubscription(new() { Name = "s", Position = 1, EventTypes = ["x", "y"] });
            transaction.SaveDelivery("s", new() { Sequence = 1, State = LogDeliveryState.Waiting });
            transaction.SaveDelivery("s", new() { Sequence = 2, State = LogDeliveryState.Waiting });
            transaction.AddDeadLetter(Facts.Letter("x", "s"));
            transaction.AddDeadLetter(Facts.Letter("y", "s"));
            transaction.AddScheduled(new(Facts.Event("z"), Facts.Time, null));
            return 0;
        });
        var log = _file.Log;

        Action[] readings =
        [
            () => log.Read(0, 1), () => log.Read(0, 1, new() { Types = ["order-placed"] }), () => log.Read([1, 2, 3]), () => log.ReadSequenceAt(Facts.Time), () => log.ReadSubscriptions(),
            () => log.ReadDeliveries("s"), () => log.ReadDeadLetters(new(), 0, 1), () => log.ReadDeadLetter(1), () => log.ReadDeadLetterCount(new()), () => log.ReadScheduled(1),
            () => log.ReadStatistics(), () => log.CheckIntegrity(), () => log.Backup(Path.Combine(_file.Folder, "copy.db")),
        ];

        log.Opened.Reader.Session.Handle.enable_sqlite3_next_stmt(true);
        foreach (var reading in readings)
        {
            reading();
            AssertIdle(log.Opened.Reader.Session);
        }
    }

    [Fact]
    public void The_journal_stays_small_while_the_log_is_read_and_written()
    {
        for (var i = 0; i < 40; i++)
        {
            _file.Append(Facts.Event($"{i}", bytes: Megabyte));
            _file.Log.Read(i, 1);
            Assert.True(JournalLength <= 8 * Megabyte);
        }
    }

    [Fact]
    public void A_journal_that_grew_under_somebodys_long_reading_is_cut_when_that_ends()
    {
        using (var other = _file.Connect())
        {
            other.Run("BEGIN; SELECT * FROM log");
            for (var i = 0; i < 24; i++)
                _file.Append(Facts.Event($"{i}", bytes: Megabyte));
            Assert.True(JournalLength > 20 * Megabyte);
        }

        _file.Append(Facts.Event("moves the journal", bytes: Megabyte));
        _file.Append(Facts.Event("begins it anew"));

        Assert.True(JournalLength <= 16 * Megabyte);
    }

    [Fact]
    public void Closing_leaves_one_file_and_its_lock()
    {
        _file.Append(Facts.Event("a"));

        _file.Log.Close(clean: true);

        Assert.Equal(["events.db", "events.db.lock"], Directory.GetFiles(_file.Folder).Select(static path => Path.GetFileName(path)).Order());
    }

    [Fact]
    public void Closing_empties_the_journal_also_where_another_program_has_the_file_open()
    {
        using var other = _file.Connect();
        other.Number("SELECT epoch FROM log");
        _file.Append(Facts.Event("a"));

        _file.Log.Close(clean: true);

        Assert.Equal(0, JournalLength);
        Assert.Equal(1, other.Number("SELECT count(*) FROM events"));
    }

    private long JournalLength => new FileInfo(_file.Path + "-wal").Length;

    private static void AssertIdle(Session session)
    {
        Assert.False(session.IsInTransaction);
        var statements = 0;
        for (var statement = raw.sqlite3_next_stmt(session.Handle, null); statement is not null && !statement.IsInvalid; statement = raw.sqlite3_next_stmt(session.Handle, statement))
        {
            statements++;
            Assert.Equal(0, raw.sqlite3_stmt_busy(statement));
        }

        Assert.True(statements > 0);
    }
}
