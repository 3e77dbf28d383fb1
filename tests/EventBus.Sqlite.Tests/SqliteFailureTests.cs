using EventBus.Sqlite.Statements;

namespace EventBus.Sqlite.Tests;

public sealed class SqliteFailureTests
{
    [Theory]
    [InlineData(13, true, "the disk is full, or a quota is reached; nothing was written (SQLite error 13: said). Make room on the disk of that file; the log goes on by itself.")]
    [InlineData(11, false, "Stop the bus, keep a copy of the file and of its -wal file, and go back to a backup, or let the sqlite3 shell save what it can: sqlite3 '/e.db' .recover")]
    [InlineData(11 | (1 << 8), false, "is damaged (SQLite error 267: said).")]
    [InlineData(26, false, "is not an SQLite database, or it is encrypted (SQLite error 26: said). Correct the Data Source, or go back to a backup.")]
    [InlineData(1034, false, "what was being written may be there or not (SQLite error 1034: said). Check the disk and its file system, then start the bus again: it reads what is there.")]
    [InlineData(8, false, "Give the process the right to write to the file and its folder, then start the bus again.")]
    [InlineData(14, false, "Check that the folder is there and that the process may write to it and to the file; with Mode=ReadWrite the file must be there already.")]
    [InlineData(7, false, "failed (SQLite error 7: said). Start the bus again; if it happens again, check the file with the sqlite3 shell: PRAGMA integrity_check")]
    public void A_result_code_tells_what_is_wrong_and_what_to_do(int code, bool isTransient, string text)
    {
        var failure = SqliteFailure.Of(code, "said", "/e.db", TimeSpan.FromSeconds(5));

        Assert.Contains(text, failure.Message, StringComparison.Ordinal);
        Assert.Contains("'/e.db'", failure.Message, StringComparison.Ordinal);
        Assert.Equal(isTransient, failure.IsTransient);
        Assert.IsNotType<EventLogBusyException>(failure);
    }

    [Theory]
    [InlineData(18)]
    [InlineData(19)]
    [InlineData(19 | (5 << 8))]
    [InlineData(20)]
    public void What_one_row_cannot_hold_is_refused_alone(int code)
    {
        var failure = SqliteFailure.Of(code, "said", "/e.db", TimeSpan.FromSeconds(5));

        Assert.Equal($"The event log '/e.db' refused one change, which does not fit into its tables; nothing of that change was written, and the log goes on (SQLite error {code}: said). Shorten what is too large; please report anything else.", failure.Message);
        Assert.Equal((true, false), (failure.IsOfOneChange, failure.IsTransient));
    }

    [Theory]
    [InlineData(5)]
    [InlineData(6)]
    [InlineData(5 | (2 << 8))]
    public void A_lock_of_another_names_the_likely_cause_and_the_remedy(int code)
    {
        var failure = Assert.IsType<EventLogBusyException>(SqliteFailure.Of(code, "said", "/e.db", TimeSpan.FromSeconds(0.25)));

        Assert.Equal(
            $"The event log '/e.db' was locked by another connection for 0.25 s; nothing was written (SQLite error {code}: said). The likely cause is a write transaction that is still open: "
            + "one of this application on the same file, or another program that has it open. Commit or roll back that transaction before you publish, or set a longer BusyTimeout.",
            failure.Message);
        Assert.True(failure.IsTransient);
    }
}
