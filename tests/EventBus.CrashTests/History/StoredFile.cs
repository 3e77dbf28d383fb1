using System.Text.Json;
using EventBus.CrashChild;
using Microsoft.Data.Sqlite;

namespace EventBus.CrashTests.History;

/// <summary>Reads the file as another program does.</summary>
internal static class StoredFile
{
    public static Stored Read(string path)
    {
        using var connection = new SqliteConnection($"Data Source={path};Pooling=false;Mode=ReadOnly");
        connection.Open();
        return new()
        {
            Events = Rows(connection, "SELECT sequence, t.name, CAST(body AS TEXT), id FROM events e JOIN types t ON t.type = e.type ORDER BY sequence",
                static row => new StoredEvent(row.GetInt64(0), Name(row.GetString(1), row.GetString(2)), row.GetString(3))),
            Letters = Rows(connection, "SELECT subscription, t.name, CAST(body AS TEXT), reason, attempts FROM dead_letters d JOIN types t ON t.type = d.type",
                static row => new StoredLetter(row.GetString(0), Name(row.GetString(1), row.GetString(2)), (DeadLetterReason)row.GetInt32(3), row.GetInt32(4))),
            Leftovers = Rows(connection, """
                SELECT 'delivery of ' || sequence || ' to ' || subscription || ' in state ' || state FROM deliveries
                UNION ALL SELECT 'scheduled ' || id FROM scheduled
                UNION ALL SELECT 'dead letter ' || dead_letter || ' of ' || subscription || ' is being redriven' FROM dead_letters WHERE is_redriven = 1
                UNION ALL SELECT 'position of ' || name || ' is ' || position || ' of ' || head FROM subscriptions, log WHERE position <> head
                UNION ALL SELECT 'the log is not closed' FROM log WHERE is_closed = 0
                UNION ALL SELECT 'the log counts ' || events || ' events' FROM log WHERE events <> (SELECT count(*) FROM events)
                """, static row => row.GetString(0)),
            Damage = [.. Rows(connection, "PRAGMA integrity_check", static row => row.GetString(0)).Where(static found => found != "ok")],
        };
    }

    private static string Name(string type, string body) => type == "reminder"
        ? JsonSerializer.Deserialize<Reminder>(body)!.Name
        : JsonSerializer.Deserialize<Fact>(body)!.Name;

    private static List<T> Rows<T>(SqliteConnection connection, string sql, Func<SqliteDataReader, T> read)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        using var reader = command.ExecuteReader();
        var rows = new List<T>();
        while (reader.Read())
            rows.Add(read(reader));
        return rows;
    }
}
