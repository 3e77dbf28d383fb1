using EventBus.Storage;

namespace EventBus.Recording;

/// <summary>The committed contents of a log in memory, and who may change them. Any number of <see cref="InMemoryEventLog"/> stand on one, as processes stand on one file.</summary>
internal sealed class InMemoryLogOwner
{
    private readonly object _gate = new();
    private LogContents _contents = LogContents.Empty;
    private long _lastSequence;
    private long _lastDeadLetter;
    private long _lastNumber;
    private long _epoch;
    private bool _isClosed = true;

    public LogContents Contents => Volatile.Read(ref _contents);

    /// <returns>What is told, and the epoch that the new owner has to show.</returns>
    public (LogOpening Opening, long Epoch) TakeOver()
    {
        lock (_gate)
        {
            var opening = new LogOpening(Contents.Head, _isClosed);
            _isClosed = false;
            return (opening, ++_epoch);
        }
    }

    // Numbers are given outside the contents: what a transaction took is not given again, although it was rolled back.
    public long NextSequence() => Interlocked.Increment(ref _lastSequence);

    public long NextDeadLetter() => Interlocked.Increment(ref _lastDeadLetter);

    /// <summary>A number for an owner token, or for the order of what was scheduled.</summary>
    public long NextNumber() => Interlocked.Increment(ref _lastNumber);

    public void Commit(LogContents contents, long epoch)
    {
        lock (_gate)
        {
            if (epoch != _epoch)
                throw new EventLogException("The event log in memory has another owner since: it was opened again while this one had it. Nothing was written. Stop this bus; the log belongs to the one that opened it last.");
            Volatile.Write(ref _contents, contents);
        }
    }

    public void Close(long epoch, bool isClean)
    {
        lock (_gate)
        {
            // An earlier owner may not say that nothing is under way: it does not know.
            if (epoch == _epoch)
                _isClosed = isClean;
        }
    }
}
