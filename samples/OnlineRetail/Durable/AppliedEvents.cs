using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using EventBus;
using Microsoft.Data.Sqlite;

namespace OnlineRetail.Durable;

/// <summary>What each read model has taken in, in an SQLite file of its own: the same event is taken in once, however often it is delivered.</summary>
/// <remarks>Delivery is at least once: a process that dies after a handler has written and before the bus knows of it gets the event again. The event's id, written in the same
/// commit as its effect, is what makes the effect stand once.</remarks>
public sealed class AppliedEvents : IAppliedEvents, IDisposable
{
    private readonly object _gate = new();
    private readonly SqliteConnection _connection;
    private readonly SqliteCommand _insert;

    public AppliedEvents(string file)
    {
        _connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = file }.ConnectionString);
        try
        {
            _connection.Open();
        }
        catch (SqliteException error)
        {
            throw new EventLogException($"The file of the read models, '{file}', cannot be opened: {error.Message}", error);
        }

        Execute("""
            PRAGMA journal_mode = WAL;
            PRAGMA synchronous = FULL;
            CREATE TABLE IF NOT EXISTS applied (
                place INTEGER PRIMARY KEY,
                model TEXT NOT NULL,
                event_id TEXT NOT NULL,
                type TEXT NOT NULL,
                event TEXT NOT NULL,
                UNIQUE (model, event_id)
            );
            """);
        _insert = _connection.CreateCommand();
        _insert.CommandText = "INSERT OR IGNORE INTO applied (model, event_id, type, event) VALUES ($model, $id, $type, $event)";
        foreach (var name in (string[])["$model", "$id", "$type", "$event"])
            _insert.Parameters.Add(name, SqliteType.Text);
        _insert.Prepare();
    }

    public bool TryAdd<TEvent>(string model, EventContext context, TEvent @event, JsonTypeInfo<TEvent> json)
    {
        var text = JsonSerializer.Serialize(@event, json);
        lock (_gate)
        {
            _insert.Parameters[0].Value = model;
            _insert.Parameters[1].Value = context.Id;
            _insert.Parameters[2].Value = typeof(TEvent).Name;
            _insert.Parameters[3].Value = text;
            return _insert.ExecuteNonQuery() == 1;
        }
    }

    /// <summary>Everything that a read model took in, in that order.</summary>
    public IEnumerable<object> Read(string model)
    {
        using var select = _connection.CreateCommand();
        select.CommandText = "SELECT type, event FROM applied WHERE model = $model ORDER BY place";
        select.Parameters.AddWithValue("$model", model);
        using var rows = select.ExecuteReader();
        while (rows.Read())
        {
            var text = rows.GetString(1);
            yield return rows.GetString(0) switch
            {
                nameof(Events.LineSold) => JsonSerializer.Deserialize(text, ShopJson.Default.LineSold)!,
                nameof(Events.LineCancelled) => JsonSerializer.Deserialize(text, ShopJson.Default.LineCancelled)!,
                _ => JsonSerializer.Deserialize(text, ShopJson.Default.InvoiceClosed)!,
            };
        }
    }

    /// <summary>Forgets what a read model took in, before it is built again from the log.</summary>
    public void Forget(string model)
    {
        using var delete = _connection.CreateCommand();
        delete.CommandText = "DELETE FROM applied WHERE model = $model";
        delete.Parameters.AddWithValue("$model", model);
        delete.ExecuteNonQuery();
    }

    public void Dispose()
    {
        _insert.Dispose();
        _connection.Dispose();
    }

    private void Execute(string sql)
    {
        using var command = _connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }
}
