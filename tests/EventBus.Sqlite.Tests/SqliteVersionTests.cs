using EventBus.Sqlite.Opening;
using SQLitePCL;

namespace EventBus.Sqlite.Tests;

public sealed class SqliteVersionTests
{
    [Theory]
    [InlineData(3_006_023, false)]
    [InlineData(3_007_000, false)]
    [InlineData(3_044_005, false)]
    [InlineData(3_044_006, true)]
    [InlineData(3_045_000, false)]
    [InlineData(3_050_006, false)]
    [InlineData(3_050_007, true)]
    [InlineData(3_051_000, false)]
    [InlineData(3_051_002, false)]
    [InlineData(3_051_003, true)]
    [InlineData(3_053_003, true)]
    [InlineData(4_000_000, true)]
    public void Only_versions_without_the_wal_reset_bug_are_used(int number, bool isSafe) => Assert.Equal(isSafe, SqliteVersion.IsSafe(number));

    [Fact]
    public void An_unsafe_version_is_refused_with_the_remedy()
    {
        var refusal = Assert.Throws<EventLogException>(() => SqliteVersion.Check(3_051_002, "3.51.2", "/data/events.db"));

        Assert.Equal(
            "The event log '/data/events.db' was not opened: SQLite 3.51.2 can damage a file that two connections use (the WAL-reset bug of 3.7.0 to 3.51.2). Use SQLite 3.51.3 or newer, 3.50.7 or 3.44.6: "
            + "reference SQLitePCLRaw.lib.e_sqlite3 2.1.13 or newer, or update the SQLite of the system.",
            refusal.Message);
    }

    [Fact]
    public void The_version_that_comes_with_the_package_is_used()
    {
        using var file = new Support.OpenFile();

        Assert.True(SqliteVersion.IsSafe(raw.sqlite3_libversion_number()));
    }
}
