using System.Text.Json;
using EventBus.Benchmarks.Harness;
using EventBus.Benchmarks.Support;

namespace EventBus.Benchmarks.Durable;

/// <summary>Below SQLite: the same bytes into space that is already there, and one fsync for all that has come in.</summary>
internal sealed class FileWriter : Contender
{
    private const int RowBytes = 256;
    private const int Space = 64 * 1024 * 1024;

    private readonly LogFolder _folder = new();
    private readonly int _publishers;
    private readonly FileStream _file;
    private readonly Thread _thread;
    private readonly object _gate = new();
    private List<(byte[] Body, TaskCompletionSource Done)> _waiting = [];
    private bool _ended;

    public FileWriter(int publishers)
    {
        _publishers = publishers;
        _file = new FileStream(_folder.File, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None, bufferSize: 0);
        var zeros = new byte[1024 * 1024];
        for (var i = 0; i < Space; i += zeros.Length)
            _file.Write(zeros);
        _file.Flush(flushToDisk: true);
        _file.Position = 0;
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
        _file.Dispose();
        _folder.Dispose();
        return default;
    }

    private async Task PublishAsync(int events)
    {
        for (var i = 0; i < events; i++)
        {
            var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            var body = JsonSerializer.SerializeToUtf8Bytes(OrderLine.Instance, OrderJson.Default.OrderLine);
            lock (_gate)
            {
                _waiting.Add((body, done));
                if (_waiting.Count == 1)
                    Monitor.Pulse(_gate);
            }

            await done.Task;
        }
    }

    private void Run()
    {
        var batch = new List<(byte[] Body, TaskCompletionSource Done)>();
        var bytes = new byte[RowBytes];
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

            if (_file.Position + (batch.Count * RowBytes) > Space)
                _file.Position = 0;
            foreach (var (body, _) in batch)
            {
                body.AsSpan().CopyTo(bytes);
                _file.Write(bytes);
            }

            _file.Flush(flushToDisk: true);
            foreach (var (_, done) in batch)
                done.SetResult();
            batch.Clear();
        }
    }
}
