using System.Text.RegularExpressions;
using EventBus.Sqlite.Statements;
using EventBus.Sqlite.Tests.Support;
using EventBus.Storage;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using SQLitePCL;

namespace EventBus.Sqlite.Tests;

public sealed class JournalTests : IDisposable
{
    private const int Megabyte = 1024 * 1024;

    private readonly KeptLines _lines = new();
    private readonly OpenFile _file;

    public JournalTests() => _file = new(new() { Synchronous = SqliteSynchronous.Normal }, _lines);

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
            () => log.ReadDeliveries("s"), () => log.ReadFirstDelivery("s"), () => log.ReadDeadLetters(new(), 0, 1), () => log.ReadDeadLetter(1), () => log.ReadDeadLetterCount(new()), () => log.ReadScheduled(1),
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
    public void A_journal_that_somebodys_long_reading_keeps_from_being_emptied_is_told_once_per_doubling()
    {
        using (var other = _file.Connect())
        {
            other.Run("BEGIN; SELECT * FROM log");
            for (var i = 0; i < 40; i++)
                _file.Append(Facts.Event($"{i}", bytes: Megabyte));
        }

        Assert.Equal(2, _lines.Lines.Count);
        Assert.All(_lines.Lines, static line => Assert.Equal((LogLevel.Warning, 900), (line.Level, line.Id)));
        Assert.Matches($"^The journal '{Regex.Escape(_file.Path)}-wal' has grown to 1[5-9] MB, and cannot be emptied into the event log: somebody keeps a reading transaction open", _lines.Lines[0].Text);
        Assert.Contains(" has grown to 3", _lines.Lines[1].Text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_journal_that_grows_again_after_it_was_emptied_is_told_again()
    {
        for (var round = 0; round < 2; round++)
        {
            using (var other = _file.Connect())
            {
                other.Run("BEGIN; SELECT * FROM log");
                for (var i = 0; i < 20; i++)
                    _file.Append(Facts.Event($"{i}", bytes: Megabyte));
            }

            for (var i = 0; i < 10; i++)
                _file.Append(Facts.Event($"{i}", bytes: Megabyte));
        }

        Assert.Equal(2, _lines.Lines.Count);
    }

    [Fact]
    public void A_large_transaction_that_nobodys_reading_holds_up_is_not_told()
    {
        _file.Append([.. Enumerable.Range(0, 30).Select(static i => Facts.Event($"{i}", bytes: Megabyte))]);
        _file.Append(Facts.Event("another", bytes: 8 * Megabyte));

        Assert.Empty(_lines.Lines);
    }

    [Fact]
    public void A_logger_that_throws_does_not_fail_the_commit()
    {
        _lines.Fault = new InvalidOperationException("The provider is broken.");
        using var other = _file.Connect();
        other.Run("BEGIN; SELECT * FROM log");

        for (var i = 0; i < 20; i++)
            _file.Append(Facts.Event($"{i}", bytes: Megabyte));

        Assert.Single(_lines.Lines);
        Assert.Equal(20, _file.Log.ReadStatistics().Events);
    }

    [Fact]
    public async Task A_bus_tells_its_own_logger_of_a_journal_that_grows()
    {
        _file.Log.Close(clean: true);
        var services = new ServiceCollection();
        services.AddSingleton<ILoggerFactory>(_lines);
        services.AddEventBus(bus => bus.UseSqlite($"Data Source={_file.Path}").AddEvent<byte[]>(static e => e.Logged()));
        await using var provider = services.BuildServiceProvider();
        var bus = provider.GetRequiredService<IEventBus>();
        await bus.StartAsync();

        using (var other = _file.Connect())
        {
            other.Run("BEGIN; SELECT * FROM log");
            for (var i = 0; i < 24; i++)
                await bus.PublishAsync(new byte[Megabyte * 3 / 4 - 16]);
        }

        Assert.Contains(_lines.Lines, static line => line.Id == 900);
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
