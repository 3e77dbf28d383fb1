using System.Text.Json;
using EventBus.Benchmarks.Harness;
using EventBus.Benchmarks.Support;
using Microsoft.Data.Sqlite;

namespace EventBus.Benchmarks.Durable;

/// <summary>The limit of durable publishing: one thread that takes what has come in and commits it, with Microsoft.Data.Sqlite, into the same columns, indexes and pragmas. Each
/// publisher waits for its own commit.</summary>
internal sealed class BareWriter : Contender
{
    private readonly LogFolder _folder = new();
    private readonly int _publishers;
    private readonly SqliteConnection _connection;
    private readonly SqliteCommand _insert;
    private readonly SqliteCommand _head;
    private readonly Thread _thread;
    private readonly object _gate = new();
    private List<Append> _waiting = [];
    private bool _ended;
    private long _sequence;

    public BareWriter(int publishers)
    {
        _publishers = publishers;
        EventTable.Create(_folder);
        _connection = EventTable.Open(_folder);
        (_insert, _head) = (EventTable.Insert(_connection), EventTable.Head(_connection));
        _thread = new Thread(Run) { IsBackground = true };
        _thread.Start();
    }

    public override Task RunAsync(int events) => Publishers.RunAsync(_publishers, events, PublishAsync);

    public override ValueTask DisposeAsync()
    {
        lock (_gate)
        {
            _ended = true;
            Monitor.Pulse(_gate);
        }

        _thread.Join();
        _connection.Dispose();
        _folder.Dispose();
        return default;
    }

    private async Task PublishAsync(int events)
    {
        for (var i = 0; i < events; i++)
        {
            var append = new Append(Guid.CreateVersion7().ToString(), JsonSerializer.SerializeToUtf8Bytes(OrderLine.Instance, OrderJson.Default.OrderLine));
            lock (_gate)
            {
                _waiting.Add(append);
                if (_waiting.Count == 1)
                    Monitor.Pulse(_gate);
            }

            await append.Done.Task;
        }
    }

    private void Run()
    {
        var batch = new List<Append>();
        while (true)
        {
            lock (_gate)
            {
                while (_waiting.Count == 0 && !_ended)
                    Monitor.Wait(_gate);
                if (_waiting.Count == 0)
                    return;
                (batch, _waiting) = (_waiting, batch);
            }

            using (var transaction = _connection.BeginTransaction())
            {
                _insert.Transaction = _head.Transaction = transaction;
                foreach (var append in batch)
                    EventTable.Execute(_insert, ++_sequence, append.Id, append.Body);
                _head.Parameters[0].Value = _sequence;
                _head.ExecuteNonQuery();
                transaction.Commit();
            }

            foreach (var append in batch)
                append.Done.SetResult();
            batch.Clear();
        }
    }

    private sealed record Append(string Id, byte[] Body)
    {
        public TaskCompletionSource Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
