using System.Globalization;
using EventBus.Sqlite.Tests.Support;
using Microsoft.Data.Sqlite;

namespace EventBus.Sqlite.Tests.Fuzzing;

/// <summary>One change of a valid file, decided by a seed: one column of one row, or one bit.</summary>
internal static class Damage
{
    /// <summary>As SQL writes them. Times are milliseconds or ticks.</summary>
    private static readonly string[] s_values =
    [
        "NULL", "0", "1", "2", "-1", "3", "7", "255", "4096", "2147483647", "2147483648", "-2147483648", "4294967295", "4294967296", "9007199254740993", "9223372036854775807", "9223372036854775806", "-9223372036854775808",
        "253402300799999", "253402300800000", "-62135596800001", "62135596800000", "3155378975999999999", "3155378976000000000",
        "''", "' '", "'a'", "'measured'", "'by-key'", "'once'", "char(0)", "'a' || char(13, 10) || 'forged: line'", "char(27) || '[31m'", "char(8232)", "CAST(x'FF' AS TEXT)", "CAST(x'EDA080' AS TEXT)", "CAST(x'C0AF' AS TEXT)",
        "'{'", "'{}'", "'[]'", "'{\"a\":1}'", "'{\"a\":null}'", "'null'", "replace(hex(zeroblob(20000)), '0', '[')", "replace(hex(zeroblob(100000)), '0', 'x')",
        "x''", "x'00'", "x'FFFE'", "CAST('{\"number\":1,\"key\":1}' AS BLOB)", "CAST('null' AS BLOB)", "CAST(replace(hex(zeroblob(20000)), '0', '[') AS BLOB)", "zeroblob(2000000)",
    ];

    /// <returns>What was changed, in words; nothing where the file takes no such value.</returns>
    public static string? ChangeOneColumn(string path, Random random)
    {
        using var connection = OpenFile.Connect(path);
        var tables = connection.Texts("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name");
        var table = tables[random.Next(tables.Count)];
        var columns = connection.Texts($"SELECT name FROM pragma_table_info('{table}') ORDER BY cid");
        var column = columns[random.Next(columns.Count)];
        var rows = connection.Number($"SELECT count(*) FROM {table}");
        if (rows == 0)
            return null;
        var key = connection.Texts($"SELECT name FROM pragma_table_info('{table}') WHERE pk > 0 ORDER BY pk");
        var row = string.Join(" AND ", key.Select((name, i) => $"{name} IS (SELECT {name} FROM {table} ORDER BY {string.Join(", ", key)} LIMIT 1 OFFSET {{0}})"));
        var where = string.Format(CultureInfo.InvariantCulture, row, random.NextInt64(rows));
        var value = Value(random, column);
        try
        {
            connection.Run("PRAGMA ignore_check_constraints = ON");
            connection.Run($"UPDATE {table} SET {column} = {value} WHERE {where}");
            connection.Run("PRAGMA wal_checkpoint(TRUNCATE)");
            return $"{table}.{column} = {value} where {where}";
        }
        catch (SqliteException)
        {
            // The file itself does not take it.
            return null;
        }
    }

    /// <returns>What was changed, in words.</returns>
    public static string FlipOneBit(string path, Random random)
    {
        using var file = File.Open(path, FileMode.Open, FileAccess.ReadWrite);
        var at = random.NextInt64(file.Length);
        var bit = random.Next(8);
        file.Position = at;
        var before = file.ReadByte();
        file.Position = at;
        file.WriteByte((byte)(before ^ (1 << bit)));
        return string.Create(CultureInfo.InvariantCulture, $"bit {bit} of byte {at} (page {1 + (at / 4096)}, 0x{before:X2})");
    }

    // Some are near what is there: that is what a flipped bit in a number does.
    private static string Value(Random random, string column) => random.Next(4) switch
    {
        0 => string.Create(CultureInfo.InvariantCulture, $"{column} + {random.Next(-3, 4)}"),
        1 => string.Create(CultureInfo.InvariantCulture, $"({column} | (1 << {random.Next(63)}))"),
        _ => s_values[random.Next(s_values.Length)],
    };
}
