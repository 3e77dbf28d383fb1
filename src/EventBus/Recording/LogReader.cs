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
    private readonly CancellationTokenSource _closing = new();
    private readonly TaskCompletionSource _stops = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly object _gate = new();
    private readonly Queue<Action> _jobs = new();
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private OwnThread? _thread;
    private bool _ending;

    public IEventLog Log => log;

    /// <summary>Ends what reads through the log for a few events, or for none. What a stop finds under way ends at once, so that what the stop waits for has its turn; what handlers
    /// read while it waits for them ends when it does.</summary>
    public CancellationToken Patience => _stopping.IsCancellationRequested ? _closing.Token : _stopping.Token;

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

    /// <summary>Reads what may lie anywhere in the log: as quick as a page where there are many of it, and as long as the whole log where there are few.</summary>
    /// <exception cref="EventBusStoppedException">The bus stops.</exception>
    public async Task<T> ReadThroughAsync<T>(Func<IEventLog, CancellationToken, T> read, CancellationToken cancellationToken)
    {
        var patience = Patience;
        var either = cancellationToken.CanBeCanceled ? CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, patience) : null;
        var token = either?.Token ?? patience;
        var reading = ReadAsync(log =>
        {
            token.ThrowIfCancellationRequested();
            return read(log, token);
        });
        try
        {
            return await reading.WaitAsync(cancellationToken).AnyContext();
        }
        catch (OperationCanceledException) when (patience.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw Stopping();
        }
        finally
        {
            // Not before the reading has ended: what is disposed of is cancelled no more.
            if (either is not null)
                _ = DisposeAfterAsync(reading, either);
        }
    }

    /// <summary>Completes when the bus begins to stop.</summary>
    /// <remarks>A task of a method, so that what waits for one of several goes on where the bus does its work.</remarks>
    public async Task WhenStoppingAsync() => await _stops.Task.AnyContext();

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
            throw Stopping();
        }
    }

    /// <summary>Ends what takes long.</summary>
    /// <remarks>Whoever waits for it goes on elsewhere, not in the stop.</remarks>
    public void CancelLong()
    {
        _stops.TrySetResult();
        _stopping.CancelAsync();
    }

    /// <summary>Does what was asked for, and ends.</summary>
    public Task EndAsync()
    {
        CancelLong();
        _closing.CancelAsync();
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

    private static async Task DisposeAfterAsync(Task reading, CancellationTokenSource source)
    {
        await Task.WhenAny(reading).AnyContext();
        source.Dispose();
    }

    private static EventBusStoppedException Stopping() => new("The bus is stopping, and has ended what read its event log for long. Ask again when it is started.");

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
