namespace EventBus.Sqlite.Opening;

/// <summary>Which versions of SQLite are safe with two connections to one file.</summary>
internal static class SqliteVersion
{
    /// <summary>From 3.7.0 to 3.51.2 a commit at the end of a checkpoint by another connection could damage the file (the "WAL-reset bug",
    /// https://www.sqlite.org/wal.html#walresetbug). It was mended in 3.51.3, and in 3.44.6 and 3.50.7 of the older lines.</summary>
    /// <param name="number">As sqlite3_libversion_number gives it: 3051003 for 3.51.3.</param>
    public static bool IsSafe(int number) => number switch
    {
        >= 3_051_003 => true,
        >= 3_050_007 and < 3_051_000 => true,
        >= 3_044_006 and < 3_045_000 => true,
        _ => false,
    };

    /// <exception cref="EventLogException">The version is not safe.</exception>
    public static void Check(int number, string name, string file)
    {
        if (!IsSafe(number))
            throw new EventLogException($"The event log '{file}' was not opened: SQLite {name} can damage a file that two connections use (the WAL-reset bug of 3.7.0 to 3.51.2). Use SQLite 3.51.3 or newer, 3.50.7 or 3.44.6: reference SQLitePCLRaw.lib.e_sqlite3 2.1.13 or newer, or update the SQLite of the system.");
    }
}
