using EventBus.Storage;
using Microsoft.Data.Sqlite;

namespace EventBus.Benchmarks.Durable;

/// <summary>The log's own tables, written by hand.</summary>
internal static class EventTable
{
    public static void Create(LogFolder folder)
    {
        using var log = new SqliteEventLog(folder.ConnectionString);
        log.Open();
        log.Close(clean: true);
    }

    public static SqliteConnection Open(LogFolder folder)
    {
        var connection = new SqliteConnection(folder.ConnectionString);
        connection.Open();
        using var pragmas = connection.CreateCommand();
        pragmas.CommandText = "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = 0; PRAGMA cache_size = -8192; INSERT OR IGNORE INTO types VALUES (1, 'order-line', 1)";
        pragmas.ExecuteNonQuery();
        return connection;
    }

    public static SqliteCommand Insert(SqliteConnection connection)
    {
        var insert = connection.CreateCommand();
        insert.CommandText = """
            INSERT INTO events (sequence, time, type, is_id_given, id, source, subject, key, correlation_id, causation_id, headers, expires_at, checksum, body)
            VALUES ($sequence, $time, 1, 0, $id, NULL, NULL, NULL, NULL, NULL, NULL, NULL, $checksum, $body)
            """;
        insert.Parameters.Add("$sequence", SqliteType.Integer);
        insert.Parameters.Add("$time", SqliteType.Integer);
        insert.Parameters.Add("$id", SqliteType.Text);
        insert.Parameters.Add("$checksum", SqliteType.Integer);
        insert.Parameters.Add("$body", SqliteType.Blob);
        insert.Prepare();
        return insert;
    }

    public static SqliteCommand Head(SqliteConnection connection)
    {
        var head = connection.CreateCommand();
        head.CommandText = "UPDATE log SET head = $head";
        head.Parameters.Add("$head", SqliteType.Integer);
        head.Prepare();
        return head;
    }

    public static void Execute(SqliteCommand insert, long sequence, string id, byte[] body)
    {
        insert.Parameters[0].Value = sequence;
        insert.Parameters[1].Value = 1_700_000_000_000 + sequence;
        insert.Parameters[2].Value = id;
        insert.Parameters[3].Value = 12345L;
        insert.Parameters[4].Value = body;
        insert.ExecuteNonQuery();
    }
}
