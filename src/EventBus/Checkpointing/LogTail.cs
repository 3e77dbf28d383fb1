using EventBus.Queueing;
using EventBus.Recording;
using EventBus.Storage;

namespace EventBus.Checkpointing;

/// <summary>Brings a feed what is new: live from each commit or, where it lags, from pages of the log.</summary>
/// <remarks>Live, it gets what is committed as the instances that were published. It takes a commit only if it has read up to the one before; a subscription without
/// room lets it pass, lags, and reads pages until it has caught up. Nobody ever waits for it. Its feed's lock is held by callers, unless it says otherwise.</remarks>
internal sealed class LogTail<T>
{
    /// <summary>How far it may read beyond the stored position: as many sequences at most are tried with care after a crash.</summary>
    public const int MaxAhead = 16 * 1024;

    private const int PageSize = 1024;

    private readonly Feed<T> _feed;
    private readonly FeedParts<T> _parts;
    private readonly Checkpoint _checkpoint;
    private readonly Redeliveries<T> _redeliveries;
    private readonly object _gate;
    private readonly LogSession _session;
    private readonly LogFilter? _filter;
    private readonly Func<DeliveryId, string?, UnsettledRow> _newRow;
    private readonly int _readsBelow;
    private readonly Stall<T>? _stall;
    private readonly List<Arrival> _arrivals = [];
    private long _knownHead;
    private bool _isLive;
    private bool _stopsWhenLagging;

    public LogTail(Feed<T> feed, FeedParts<T> parts, Checkpoint checkpoint, Redeliveries<T> redeliveries, object gate)
    {
        _feed = feed;
        _parts = parts;
        _checkpoint = checkpoint;
        _redeliveries = redeliveries;
        _gate = gate;
        _session = parts.Session;
        _newRow = feed.NewRow;
        _filter = parts.Names is null ? null : new LogFilter { Types = parts.Names };
        // It reads on before its queue is empty, and before workers would have nothing to do beside handlers that take long.
        _readsBelow = Math.Max(parts.Capacity / 2, Math.Min(parts.Capacity, parts.Concurrency) - 1);
        // A single worker that waits has nothing else to do.
        _stall = parts is { Concurrency: > 1, KeyOf: not null } ? new Stall<T>(parts, checkpoint, OnStall) : null;
        _knownHead = _session.Writer.Head;
        _isLive = checkpoint.ReadUpTo >= _knownHead;
    }

    /// <summary>Whether it takes commits as they come.</summary>
    public bool IsLive => _isLive;

    /// <summary>Whether a page is being read.</summary>
    public bool IsReading { get; private set; }

    /// <summary>Whether it may read no more before the position is stored.</summary>
    public bool IsAtBound => !IsNear(_checkpoint.ReadUpTo + 1);

    /// <summary>Whether something of what is in hand has to leave it before it reads on.</summary>
    public bool WaitsForRoom => _checkpoint.InHand > _readsBelow || !_checkpoint.HasRoom;

    private bool MayRead => _checkpoint.HasRoom && !_feed.IsFull && !IsAtBound;

    /// <summary>The writer knows of the feed from now on.</summary>
    public void Begin()
    {
        // What was committed before is only in the log, and of no later commit the feed is not told.
        _knownHead = Math.Max(_knownHead, _session.Writer.Head);
        _isLive &= _checkpoint.ReadUpTo >= _knownHead;
    }

    /// <summary>Reads no further page: where it lags, now or later, the feed is halted.</summary>
    public void StopWhenLagging()
    {
        _stopsWhenLagging = true;
        if (!_isLive)
            _feed.Halt(HoldReason.Stopped);
    }

    /// <summary>Reads the next page, where there is one to read and room for it.</summary>
    public void GoOn()
    {
        if (IsReading || _isLive || _stopsWhenLagging)
            return;
        if (_checkpoint.InHand > _readsBelow)
            _stall?.Begin();
        else if (MayRead)
            IsReading = _session.Reader.Post(ReadPage);
    }

    /// <summary>Where the position has stayed far behind, gives rows to the deliveries that take so long, so that it can pass them.</summary>
    public void LeaveBehind()
    {
        if (IsAtBound)
            _checkpoint.KeepUpTo(_checkpoint.ReadUpTo - (MaxAhead / 2), _newRow);
    }

    /// <summary>Forgets what it waits for.</summary>
    public void End()
    {
        if (_stall is not null)
            _parts.Timer.Remove(_stall);
    }

    /// <summary>Takes a commit, if it is live. Without the lock: on the writer's thread.</summary>
    public void Receive(CommittedBatch batch)
    {
        // Keys are read before the lock: it must not be held while anybody else's code runs.
        var wasLive = Volatile.Read(ref _isLive);
        if (wasLive)
        {
            foreach (var (@event, stamp, details) in batch.Events)
            {
                if (_parts.Wants(@event.GetType()))
                    _arrivals.Add(_parts.Arrive(@event, stamp, details));
            }
        }

        lock (_gate)
        {
            _knownHead = batch.Head;
            if (!_feed.HasEnded && _isLive)
            {
                // One that has caught up since the keys were read has to read this batch from the log.
                _isLive = wasLive && _checkpoint.ReadUpTo >= batch.PreviousHead && TryTake(batch.Head);
                if (!_isLive && _stopsWhenLagging)
                    _feed.Halt(HoldReason.Stopped);
                _feed.GoOn();
            }
        }

        // The events are not to live until the next commit.
        _arrivals.Clear();
    }

    // Without the lock: on the timer's thread.
    private void OnStall(Stall<T> stall)
    {
        lock (_gate)
        {
            // Where the key's deliveries stay together they leave room for as many keys as there are workers.
            if (stall.End() && !_feed.HasEnded && !_feed.IsFull && !_isLive && !_stopsWhenLagging && _checkpoint.InHand > _readsBelow)
                _feed.TakeBack(keep: Math.Max(0, Math.Min(_parts.Capacity / 4, _readsBelow / _parts.Concurrency) - 1));
            _feed.GoOn();
        }

        _parts.Idle.Check();
    }

    private bool IsNear(long sequence) => sequence - _checkpoint.SavedPosition < MaxAhead;

    private bool TryTake(long head)
    {
        foreach (var arrival in _arrivals)
        {
            if (arrival.Details.Sequence <= _checkpoint.ReadUpTo)
                continue;
            if (!MayRead || !IsNear(arrival.Details.Sequence))
            {
                _checkpoint.Pass(arrival.Details.Sequence - 1);
                return false;
            }

            Hand(arrival);
        }

        _checkpoint.Pass(head);
        return true;
    }

    private void Hand(in Arrival arrival)
    {
        var sequence = arrival.Details.Sequence;
        _checkpoint.Begin(sequence, arrival.Key, _newRow);
        if (arrival.Key is not { } key || !_feed.TryPutBehind(new(sequence), key))
            _feed.Enqueue(arrival, new(sequence), arrival.Key);
    }

    // Without the lock: on the reader's thread.
    private void ReadPage()
    {
        // What is committed by now is in the page, or is not wanted.
        var head = _session.Writer.Head;
        var (after, count) = NextPage();
        EventLogException? failure = null;
        var page = count > 0 ? TryRead(after, count, head, out failure) : null;
        lock (_gate)
        {
            IsReading = false;
            if (page is not null && !_feed.HasEnded)
                Take(page, count, head);
            // Also where there was no room for a page: whoever made some since then has seen that one was being read.
            if (failure is null)
                _feed.GoOn();
        }

        if (failure is not null)
            _redeliveries.ReadFailed(failure);
        _parts.Idle.Check();
    }

    // Without the lock.
    private (long After, int Count) NextPage()
    {
        lock (_gate)
            return (_checkpoint.ReadUpTo, _feed.HasEnded ? 0 : Math.Min(PageSize, _parts.Capacity - _checkpoint.InHand));
    }

    // Without the lock.
    private List<(LogRecord Record, Arrival Arrival)>? TryRead(long after, int count, long head, out EventLogException? failure)
    {
        failure = null;
        try
        {
            var records = _session.Log.Read(after, count, _filter, _session.Reader.Patience);
            var page = new List<(LogRecord, Arrival)>(records.Count);
            foreach (var record in records)
            {
                // Committed this moment: it has no places in the queues yet, and an effect of it could come there before it.
                if (record.Sequence > head)
                    break;
                var @event = IsUnwanted(record) ? null : _session.Codec.Decode(record);
                page.Add((record, @event is T && _parts.Wants(@event.GetType())
                    ? _parts.Arrive(@event, RecordCodec.StampOf(record), _session.Codec.DetailsOf(record, _feed.IsReplay(record.Sequence), null))
                    : new(@event!, default, null!, null, null)));
            }

            return page;
        }
        catch (EventLogException error)
        {
            failure = error;
            return null;
        }
        catch (OperationCanceledException)
        {
            // The bus stops.
            return null;
        }
    }

    // What is of another type is nothing to this subscription, whatever its bytes are.
    private bool IsUnwanted(LogRecord record) => _session.Codec.Types.TryGet(record.Type, out var stored) && !_parts.Wants(stored.Type);

    private void Take(List<(LogRecord Record, Arrival Arrival)> page, int count, long head)
    {
        var taken = page.TakeWhile(TryTake).Count();
        if (taken == page.Count && page.Count < count)
            _checkpoint.Pass(head);
        else if (taken < page.Count)
            _checkpoint.Pass(page[taken].Record.Sequence - 1);
        _redeliveries.ReleaseRead();
        _isLive = _checkpoint.ReadUpTo >= _knownHead;
    }

    private bool TryTake((LogRecord Record, Arrival Arrival) read)
    {
        var (record, arrival) = read;
        if (_feed.IsFull || !IsNear(record.Sequence))
            return false;
        if (_checkpoint.IsKnown(record.Sequence))
        {
            _checkpoint.Pass(record.Sequence);
            // Before a later one of its key can come to a worker.
            _redeliveries.ReleaseRead();
            return true;
        }

        if (arrival.Event is UnreadableEvent unreadable)
        {
            _checkpoint.Begin(record.Sequence, record.Key, _newRow);
            _redeliveries.BuryUnreadable(record, unreadable, new(record.Sequence), record.Key);
        }
        else if (arrival.Details is not null)
        {
            Hand(arrival);
        }
        else
        {
            _checkpoint.Pass(record.Sequence);
        }

        return true;
    }
}
