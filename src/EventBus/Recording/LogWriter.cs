using EventBus.Observing;
using EventBus.Storage;
using EventBus.Timing;
using Microsoft.Extensions.Logging;

namespace EventBus.Recording;

/// <summary>The one thread that writes to the log. It commits everything that has come in while the commit before was under way, and waits for nothing
/// else: with many publishers a commit carries many events, with one it carries one.</summary>
internal sealed class LogWriter(IEventLog log, long head, Clock clock, DueTimer timer, WorkStarter starter, ILogger logger) : IThreadWork
{
    /// <summary>Operations of one commit. More would make the first wait for the last.</summary>
    private const int MaxBatch = 1024;

    // How often it looks again before it sleeps: the publishers of this commit are about to publish again, and waking a thread costs as much as
    // a fifth of an fsync.
    private const int Naps = 40;

    private static readonly TimeSpan s_again = TimeSpan.FromSeconds(1);

    private readonly object _gate = new();
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly List<AppendedEvent> _appended = [];
    private readonly List<LogOperation> _batch = [];
    private ICommitRider[] _riders = [];
    private LogOperation? _last;
    private OwnThread? _thread;
    private volatile bool _touched;
    private volatile bool _ending;
    private bool _gaveUp;
    private volatile EventLogException? _failure;
    private long _head = head;
    private Again? _again;

    /// <summary>The greatest sequence that is committed, and whose event has its places in the queues.</summary>
    public long Head => Volatile.Read(ref _head);

    /// <summary>Why nothing is written any more, if so.</summary>
    public EventLogException? Failure => _failure;

    bool IThreadWork.HasMore => Volatile.Read(ref _last) is not null || _touched || _ending;

    public void Start()
    {
        _thread = starter.StartThread("EventBus log writer", this, Naps);
        // Somebody may have had a change before there was a thread to wake.
        _thread.Wake();
    }

    /// <summary>From here on the rider is asked at each commit. One that comes after the end is told so at once.</summary>
    public void Add(ICommitRider rider)
    {
        lock (_gate)
            Volatile.Write(ref _riders, [.. _riders, rider]);
        // Pairs with those in WriteTogether and Close: it either hears of a commit, or sees its head; and it hears of the end here, or there.
        Interlocked.MemoryBarrier();
        if (ReferenceEquals(Volatile.Read(ref _last), End.Instance))
            rider.Closed();
    }

    public void Remove(ICommitRider rider)
    {
        lock (_gate)
            Volatile.Write(ref _riders, [.. _riders.Where(other => !ReferenceEquals(other, rider))]);
    }

    public async Task<T> SubmitAsync<T>(Func<ILogTransaction, T> change)
    {
        var operation = new LogOperation<T>(change);
        Submit(operation);
        return await operation.Task.AnyContext();
    }

    public void Submit(LogOperation operation)
    {
        LogOperation? last;
        do
        {
            last = Volatile.Read(ref _last);
            if (ReferenceEquals(last, End.Instance))
            {
                operation.Failed(_failure is { } failure ? Stopped(failure) : new EventBusStoppedException());
                return;
            }

            operation.Before = last;
        }
        while (Interlocked.CompareExchange(ref _last, operation, last) != last);

        // Only the first of those that wait has to look whether the writer sleeps.
        if (last is null)
            Wake();
    }

    /// <summary>A rider has changes that should not wait for the next commit.</summary>
    public void Touch()
    {
        _touched = true;
        Wake();
    }

    /// <summary>The log has failed somebody else, for good: nothing is written any more.</summary>
    public void FailWith(EventLogException error) => Submit(new Failing(error));

    /// <summary>Writes what has come in, and ends.</summary>
    public Task EndAsync()
    {
        _ending = true;
        Wake();
        return _ended.Task;
    }

    // Pairs with Start, which sets the thread and then wakes it: either this sees the thread, or the thread sees what this is called for.
    private void Wake()
    {
        Interlocked.MemoryBarrier();
        _thread?.Wake();
    }

    private static EventLogException Stopped(EventLogException failure) =>
        new($"The event log has failed, and nothing is written to it any more: {failure.Message} Mend the cause, then stop the bus and start it again.", failure);

    /// <returns>Whether it goes on: until it was told to end and nothing is left to write, or until the log fails.</returns>
    bool IThreadWork.DoNext()
    {
        try
        {
            TakeBatch();
            if (_batch.Count == 0 && !_touched)
                return Close();
            WriteBatch();
            if (_failure is not null || _gaveUp)
                return Close();
            // An idle bus keeps no event alive.
            _batch.Clear();
            return true;
        }
        catch (Exception fault)
        {
            foreach (var rider in _riders)
                rider.NotCommitted();
            Fail(new EventLogException($"The writer of event log '{log.Name}' ended over a fault of the bus itself. Please report this.", fault));
            return Close();
        }
    }

    private void TakeBatch()
    {
        for (var operation = Interlocked.Exchange(ref _last, null); operation is not null; operation = operation.Before)
            _batch.Add(operation);
        _batch.Reverse();
    }

    private void WriteBatch()
    {
        _batch.RemoveAll(static operation => !operation.TryTake());
        if (_batch.Count <= MaxBatch)
        {
            WritePart(_batch);
            return;
        }

        for (var done = 0; done < _batch.Count && _failure is null; done += MaxBatch)
            WritePart(_batch.GetRange(done, Math.Min(MaxBatch, _batch.Count - done)));
    }

    private void WritePart(List<LogOperation> operations)
    {
        if (operations.Count == 0 && !_touched)
            return;
        _touched = false;
        // Pairs with the one in Wake: a rider says what it has, and then touches; this puts the touch back, and then asks the riders. Else what a rider says at this
        // moment could be missed with its touch, and wait until somebody publishes again.
        Interlocked.MemoryBarrier();
        Write(operations);
    }

    /// <summary>Writes operations together; one that cannot be applied fails alone, and the others are written without it. So does a rider whose changes do not fit in.</summary>
    private void Write(List<LogOperation> operations)
    {
        while (true)
        {
            LogOperation? culprit = null;
            ICommitRider? troubled = null;
            var riders = _riders;
            try
            {
                WriteTogether(operations, riders, ref culprit, ref troubled);
                return;
            }
            catch (EventLogException error) when (!error.IsOfOneChange || (culprit is null && troubled is null))
            {
                foreach (var rider in riders)
                    rider.NotCommitted();
                if (!error.IsTransient)
                    Fail(error);
                foreach (var operation in operations)
                    operation.Failed(error);
                if (error.IsTransient)
                    TryAgainLater();
                return;
            }
            catch (Exception error) when (culprit is not null)
            {
                foreach (var rider in riders)
                    rider.NotCommitted();
                culprit.Failed(error);
                operations.Remove(culprit);
            }
            catch (Exception error) when (troubled is not null)
            {
                foreach (var rider in riders)
                    rider.NotCommitted();
                if (!troubled.TryMend(error))
                    FailAlone(troubled, error);
            }
        }
    }

    private void FailAlone(ICommitRider rider, Exception error)
    {
        Remove(rider);
        rider.Fail(error as EventLogException ?? new EventLogException($"The event log '{log.Name}' refused a change: {ExceptionText.MessageOf(error)}", error) { IsOfOneChange = true });
    }

    private void WriteTogether(List<LogOperation> operations, ICommitRider[] riders, ref LogOperation? culprit, ref ICommitRider? troubled)
    {
        using (var transaction = log.Begin())
        {
            var wrote = operations.Count > 0;
            foreach (var operation in operations)
            {
                culprit = operation;
                operation.Apply(transaction);
            }

            culprit = null;
            foreach (var rider in riders)
            {
                troubled = rider;
                wrote |= rider.Write(transaction);
            }

            troubled = null;
            if (wrote)
                transaction.Commit();
        }

        var previous = _head;
        var head = previous;
        foreach (var operation in operations)
        {
            var before = _appended.Count;
            operation.AddTo(_appended);
            var last = operation.LastAppended;
            head = Math.Max(head, last);
            // What cannot be delivered as it is must be read from the log: nobody is to think that he has all.
            if (last > 0 && _appended.Count == before)
                previous = long.MaxValue;
        }

        // Before anything else knows of the commit: what a durable delivery publishes comes behind its cause, and what a publisher goes on to publish behind that.
        foreach (var appended in _appended)
            appended.Placement?.Place(appended);
        Volatile.Write(ref _head, head);
        // Pairs with the one in Add.
        Interlocked.MemoryBarrier();
        foreach (var operation in operations)
            operation.Committed();
        foreach (var rider in riders)
            rider.Committed();
        if (_appended.Count == 0 && previous != long.MaxValue)
            return;
        var batch = new CommittedBatch(previous, head, _appended);
        // Also those that came while this was committed.
        foreach (var rider in Volatile.Read(ref _riders))
            rider.Receive(batch);
        // The events are not to live until the next commit.
        _appended.Clear();
    }

    private void Fail(EventLogException error)
    {
        _failure = error;
        LogMessages.LogFailed(logger, error, log.Name);
        foreach (var rider in _riders)
            rider.Fail(error);
    }

    // What the riders could not write must not wait until somebody publishes again.
    private void TryAgainLater()
    {
        // A stop does not wait until somebody else lets go of the log: what is not stored is delivered again.
        if (_ending)
        {
            _gaveUp = true;
            return;
        }

        _again ??= new Again(this);
        timer.Remove(_again);
        timer.AddAt(_again, clock.Now + s_again.Ticks);
    }

    private bool Close()
    {
        var error = _failure is { } failure ? Stopped(failure) : (PublishException)new EventBusStoppedException();
        for (var operation = Interlocked.Exchange(ref _last, End.Instance); operation is not null; operation = operation.Before)
            operation.Failed(error);
        // Of the last batch, what a failure has kept from being written; those that are done do not mind.
        foreach (var operation in _batch)
            operation.Failed(error);
        // Pairs with the one in Add.
        Interlocked.MemoryBarrier();
        foreach (var rider in Volatile.Read(ref _riders))
            rider.Closed();
        _ended.TrySetResult();
        return false;
    }

    private sealed class Again(LogWriter writer) : DueItem
    {
        public override void OnDue() => writer.Touch();
    }

    /// <summary>Ends the writer in the order of what came in.</summary>
    private sealed class Failing(EventLogException error) : LogOperation
    {
        public override void Apply(ILogTransaction transaction) => throw error;

        public override void Committed()
        {
        }

        public override void Failed(Exception error)
        {
        }
    }

    /// <summary>Stands in the line of a writer that has ended.</summary>
    private sealed class End : LogOperation
    {
        public static readonly End Instance = new();

        public override void Apply(ILogTransaction transaction) => throw new InvalidOperationException("The end of the line is no operation.");

        public override void Committed()
        {
        }

        public override void Failed(Exception error)
        {
        }
    }
}
