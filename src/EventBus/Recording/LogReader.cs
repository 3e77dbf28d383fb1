using EventBus.Storage;
using EventBus.Timing;

namespace EventBus.Recording;

/// <summary>The one thread that reads the log, for all that lag, retry or look. What is asked for is done in the order of asking; the thread sleeps where
/// nothing is.</summary>
#pragma warning disable CA1001 // A source of cancellation without a time limit holds nothing to dispose of.
internal sealed class LogReader(IEventLog log, WorkStarter starter, Action<Exception> onFault) : IThreadWork
#pragma warning restore CA1001
{
    private readonly CancellationTokenSource _stopping = new();
    private readonly object _gate = new();
    private readonly Queue<Action> _jobs = new();
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private OwnThread? _thread;
    private bool _ending;

    public IEventLog Log => log;

    bool IThreadWork.HasMore
    {
        get
        {
            lock (_gate)
                return _jobs.Count > 0 || _ending;
        }
    }

    /// <summary>Has something done on the reader's thread. What it throws nobody has foreseen, and goes to whoever made the reader.</summary>
    /// <returns>Whether it will be done: not after the reader has ended.</returns>
    public bool Post(Action job)
    {
        OwnThread thread;
        lock (_gate)
        {
            if (_ending)
                return false;
            _jobs.Enqueue(job);
            thread = _thread ??= starter.StartThread("EventBus log reader", this);
        }

        thread.Wake();
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
        return posted ? await done.Task.AnyContext() : throw new EventBusStoppedException();
    }

    /// <summary>Has something done that takes long. It ends when its caller cancels it, and when the bus stops: a page is worth waiting for, a backup is not.</summary>
    /// <returns>Completes when the work has ended, or was cancelled before it began.</returns>
    /// <exception cref="EventBusStoppedException">The bus stops.</exception>
    public async Task<T> ReadLongAsync<T>(Func<IEventLog, CancellationToken, T> read, CancellationToken cancellationToken)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _stopping.Token);
        var token = either.Token;
        var hasBegun = false;
        var reading = ReadAsync(log =>
        {
            Volatile.Write(ref hasBegun, true);
            token.ThrowIfCancellationRequested();
            return read(log, token);
        });
        try
        {
            return await reading.WaitAsync(token).AnyContext();
        }
        catch (OperationCanceledException) when (token.IsCancellationRequested)
        {
            // Not before it has cleared away what it had written. What has not begun finds the token cancelled when its turn comes.
            if (Volatile.Read(ref hasBegun))
                await Task.WhenAny(reading).AnyContext();
            cancellationToken.ThrowIfCancellationRequested();
            throw new EventBusStoppedException("The bus is stopping, and has ended what read its event log for long. Ask again when it is started.");
        }
    }

    /// <summary>Ends what takes long.</summary>
    /// <remarks>Whoever waits for it goes on elsewhere, not in the stop.</remarks>
    public void CancelLong() => _stopping.CancelAsync();

    /// <summary>Does what was asked for, and ends.</summary>
    public Task EndAsync()
    {
        CancelLong();
        OwnThread? thread;
        lock (_gate)
        {
            _ending = true;
            thread = _thread;
        }

        if (thread is null)
            return Task.CompletedTask;
        thread.Wake();
        return _ended.Task;
    }

    bool IThreadWork.DoNext()
    {
        Action? job;
        lock (_gate)
            _jobs.TryDequeue(out job);
        if (job is null)
        {
            _ended.TrySetResult();
            return false;
        }

        try
        {
            job();
        }
        catch (Exception fault)
        {
            onFault(fault);
        }

        return true;
    }
}
