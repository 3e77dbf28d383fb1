using EventBus.Sqlite.Tests.Support;
using EventBus.Storage;

namespace EventBus.Sqlite.Tests;

public sealed class ConnectionStringTests
{
    [Theory]
    [InlineData("Data Source=:memory:", "gone with its last connection. Name a file, as in 'Data Source=events.db'; for tests there is InMemoryEventLog.")]
    [InlineData("Data Source=events;Mode=Memory", "gone with its last connection. Name a file, as in 'Data Source=events.db'; for tests there is InMemoryEventLog.")]
    [InlineData("Data Source=", "names no file, and SQLite would make one that is deleted when it is closed. Name a file, as in 'Data Source=events.db'.")]
    [InlineData("Cache=Private", "names no file, and SQLite would make one that is deleted when it is closed. Name a file, as in 'Data Source=events.db'.")]
    [InlineData("Data Source=events.db;Cache=Shared", "with Cache=Shared, where a reader locks the writer out. Leave Cache out.")]
    [InlineData("Data Source=events.db;Mode=ReadOnly", "with Mode=ReadOnly, but a log is written to. Leave Mode out, or set Mode=ReadWrite for a file that must be there already.")]
    [InlineData("Data Source=file:events.db?mode=memory", "is not a plain path, so the log cannot tell beside which file to keep its lock. Write the path of the file, as in 'Data Source=events.db'.")]
    [InlineData("Data Source=|DataDirectory|events.db", "is not a plain path, so the log cannot tell beside which file to keep its lock. Write the path of the file, as in 'Data Source=events.db'.")]
    public void What_names_no_file_for_a_log_is_refused_with_the_remedy(string connectionString, string end)
    {
        var refusal = Assert.Throws<ArgumentException>(() => new SqliteEventLog(connectionString));

        Assert.Contains(end, refusal.Message, StringComparison.Ordinal);
        Assert.Equal("connectionString", refusal.ParamName);
    }

    [Theory]
    [InlineData("events.db", "The event log was given 'events.db', and takes a connection string, not a path. Write 'Data Source=events.db'.")]
    [InlineData("/var/lib/shop/events.db", "Write 'Data Source=/var/lib/shop/events.db'.")]
    [InlineData("Mode=Sideways;Data Source=events.db", "Write it as in 'Data Source=events.db'.")]
    [InlineData("Default Timeout=soon;Data Source=events.db", "Write it as in 'Data Source=events.db'.")]
    [InlineData("Pooling=perhaps;Data Source=events.db", "Write it as in 'Data Source=events.db'.")]
    [InlineData("Data Source='events.db", "Write it as in 'Data Source=events.db'.")]
    public void What_is_no_connection_string_is_refused_where_it_stands_in_the_code(string connectionString, string remedy)
    {
        var refusal = Assert.Throws<ArgumentException>(() => new EventBusBuilder().UseSqlite(connectionString));

        Assert.Contains(remedy, refusal.Message, StringComparison.Ordinal);
        Assert.Equal("connectionString", refusal.ParamName);
    }

    [Fact]
    public void An_empty_connection_string_and_an_unknown_keyword_are_refused()
    {
        Assert.Throws<ArgumentException>(() => new SqliteEventLog(" "));
        Assert.Contains("nonsense", Assert.Throws<ArgumentException>(() => new SqliteEventLog("nonsense=1")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_busy_timeout_out_of_bounds_is_refused()
    {
        foreach (var wait in new[] { TimeSpan.FromTicks(-1), SqliteEventLogOptions.MaxBusyTimeout + TimeSpan.FromTicks(1) })
        {
            var refusal = Assert.Throws<ArgumentException>(() => new SqliteEventLog("Data Source=events.db", new() { BusyTimeout = wait }));

            Assert.Contains($"SqliteEventLogOptions.BusyTimeout is {wait}, but must be from 0 to 01:00:00. The default is 00:00:05.", refusal.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void An_unknown_setting_of_synchronous_is_refused()
    {
        var refusal = Assert.Throws<ArgumentException>(() => new SqliteEventLog("Data Source=events.db", new() { Synchronous = (SqliteSynchronous)7 }));

        Assert.Contains("SqliteEventLogOptions.Synchronous is 7, which is no setting. Set it to SqliteSynchronous.Full or SqliteSynchronous.Normal.", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Options_that_change_later_change_nothing()
    {
        using var folder = new TemporaryFolder();
        var options = new SqliteEventLogOptions();
        using var log = new SqliteEventLog($"Data Source={folder.File()}", options);

        options.BusyTimeout = TimeSpan.FromDays(-1);
        log.Open();

        Assert.Equal(5000, log.Opened.Writer.Scalar("PRAGMA busy_timeout"));
    }

    [Theory]
    [InlineData(SqliteSynchronous.Full, 2)]
    [InlineData(SqliteSynchronous.Normal, 1)]
    public void Settings_reach_the_connection_that_writes(SqliteSynchronous synchronous, long value)
    {
        using var file = new OpenFile(new() { Synchronous = synchronous, BusyTimeout = TimeSpan.FromMilliseconds(1234) });
        var writer = file.Log.Opened.Writer;

        Assert.Equal(value, writer.Scalar("PRAGMA synchronous"));
        Assert.Equal(1234, writer.Scalar("PRAGMA busy_timeout"));
        Assert.Equal(1000, writer.Scalar("PRAGMA wal_autocheckpoint"));
        Assert.Equal(0, writer.Scalar("PRAGMA foreign_keys"));
    }

    [Fact]
    public void A_log_is_full_synchronous_unless_it_is_told_otherwise()
    {
        using var file = new OpenFile();

        Assert.Equal(2, file.Log.Opened.Writer.Scalar("PRAGMA synchronous"));
    }

    [Fact]
    public void A_relative_path_is_meant_from_where_the_process_was_when_the_log_was_made()
    {
        using var log = new SqliteEventLog("Data Source=events.db");

        Assert.Equal(Path.Combine(Environment.CurrentDirectory, "events.db"), log.Name);
    }
}
