using System.Diagnostics;
using EventBus.Benchmarks.Harness;
using EventBus.Benchmarks.Support;
using Microsoft.Data.Sqlite;

namespace EventBus.Benchmarks.Durable;

/// <summary>A subscription that is moved back to the log's beginning and reads it all, decoding and handling included.</summary>
internal sealed class CatchingUp : Contender
{
    private readonly LogFolder _folder = new();
    private readonly Finish _finish = new();
    private readonly Counter _counter;
    private readonly IEventBus _bus;

    public CatchingUp(int events)
    {
        _counter = new Counter(_finish);
        FullLog.Fill(_folder, events);
        _bus = new EventBusBuilder()
            .UseSqlite(_folder.ConnectionString)
            .UseJson(OrderJson.Default)
            .AddEvent<OrderLine>(static e => e.Named("order-line"))
            .Handle<OrderLine>(
                (_, _, _) =>
                {
                    _counter.Count();
                    return default;
                },
                static s => s.Named("late").Durable())
            .Build();
        _bus.StartAsync().AsTask().GetAwaiter().GetResult();
    }

    public override async Task RunAsync(int events)
    {
        _finish.Reset(1);
        _counter.Reset(events);
        await _bus.EventLog.ReplayAsync("late", LogPosition.Earliest);
        await _finish.Reached;
    }

    public override async ValueTask DisposeAsync()
    {
        await _bus.DisposeAsync();
        _folder.Dispose();
    }
}

/// <summary>The limit of catching up: every column of every row is read, and nothing is done with it.</summary>
internal sealed class RawReader : Contender
{
    private readonly LogFolder _folder = new();
    private readonly SqliteConnection _connection;

    public RawReader(int events)
    {
        FullLog.Fill(_folder, events);
        _connection = EventTable.Open(_folder);
    }

    public override Task RunAsync(int events)
    {
        using var select = _connection.CreateCommand();
        select.CommandText = "SELECT sequence, time, type, is_id_given, id, source, subject, key, correlation_id, causation_id, headers, expires_at, checksum, body FROM events ORDER BY sequence";
        using var reader = select.ExecuteReader();
        var read = 0;
        while (reader.Read())
        {
            _ = reader.GetInt64(0) + reader.GetInt64(1) + reader.GetInt64(2) + reader.GetInt64(3) + reader.GetInt64(12);
            _ = reader.GetString(4);
            for (var column = 5; column <= 11; column++)
                _ = reader.IsDBNull(column);
            _ = (byte[])reader[13];
            read++;
        }

        return read == events ? Task.CompletedTask : throw new InvalidOperationException($"There were {read} rows.");
    }

    public override ValueTask DisposeAsync()
    {
        _connection.Dispose();
        _folder.Dispose();
        return default;
    }
}

/// <summary>The time that the start of a bus takes.</summary>
internal sealed class Opening : Contender
{
    private readonly LogFolder _folder = new();

    public Opening(int events) => FullLog.Fill(_folder, events);

    public override async Task<Sample> MeasureAsync(int events)
    {
        var bus = new EventBusBuilder()
            .UseSqlite(_folder.ConnectionString)
            .UseJson(OrderJson.Default)
            .AddEvent<OrderLine>(static e => e.Named("order-line"))
            .Handle<OrderLine>(static (_, _, _) => default, static s => s.Named("settled").Durable())
            .Build();
        var start = Stopwatch.GetTimestamp();
        await bus.StartAsync();
        var elapsed = Stopwatch.GetElapsedTime(start);
        await bus.DisposeAsync();
        return new(elapsed.TotalNanoseconds, 0);
    }

    public override Task RunAsync(int events) => MeasureAsync(events);

    public override ValueTask DisposeAsync()
    {
        _folder.Dispose();
        return default;
    }
}
