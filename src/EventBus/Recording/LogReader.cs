using EventBus.Storage;
using EventBus.Timing;

namespace EventBus.Recording;

/// <summary>The one thread that reads the log, for all that lag, retry or look. What is asked for is done in the order of asking; the thread sleeps where
/// nothing is.</summary>
internal sealed class LogReader(IEventLog log, WorkStarter starter)
{
    private readonly object _gate = new();
    private readonly Queue<Action> _jobs = new();
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private bool _started;
    private bool _ending;

    public IEventLog Log => log;

    /// <summary>Has something done on the reader's thread. It must not throw.</summary>
    /// <returns>Whether it will be done: not after the reader has ended.</returns>
    public bool Post(Action job)
    {
        lock (_gate)
        {
            if (_ending)
                return false;
            _jobs.Enqueue(job);
            if (!_started)
            {
                _started = true;
                starter.StartThread("EventBus log reader", Run);
            }
            else if (_jobs.Count == 1)
            {
                Monitor.Pulse(_gate);
            }
        }

        return true;
    }

    public async Task<T> ReadAsync<T>(Func<IEventLog, T> read)
    {
        var done = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        var posted = Post(() =>
        {
            try
            {
                done.SetResult(read(log));
            }
            catch (Exception error)
            {
                done.SetException(error);
            }
        });
        return posted ? await done.Task.ConfigureAwait(false) : throw new EventBusStoppedException();
    }

    /// <summary>Does what was asked for, and ends.</summary>
    public Task EndAsync()
    {
        lock (_gate)
        {
            _ending = true;
            if (!_started)
                return Task.CompletedTask;
            Monitor.Pulse(_gate);
        }

        return _ended.Task;
    }

    private void Run()
    {
        while (true)
        {
            Action job;
            lock (_gate)
            {
                while (_jobs.Count == 0)
                {
                    if (_ending)
                    {
                        _ended.TrySetResult();
                        return;
                    }

                    Monitor.Wait(_gate);
                }

                job = _jobs.Dequeue();
            }

            job();
        }
    }
}
