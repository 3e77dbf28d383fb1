using EventBus.Events;
using EventBus.Observing;
using EventBus.Queueing;
using EventBus.Recording;
using EventBus.Settling;
using EventBus.Storage;
using EventBus.Timing;

namespace EventBus.Checkpointing;

/// <summary>Brings a durable subscription its events, and keeps account of them. From one start, or one replay, to the next.</summary>
/// <remarks>What is new comes from its <see cref="LogTail{T}"/>, what comes again from its <see cref="Redeliveries{T}"/>. One lock guards all three, and the checkpoint.</remarks>
internal sealed class Feed<T> : ICommitRider
{
    // A position that no commit has taken along for so long is stored by itself.
    private static readonly TimeSpan s_saveAfter = TimeSpan.FromSeconds(1);

    private readonly FeedParts<T> _parts;
    private readonly DurableQueue<T> _queue;
    private readonly Checkpoint _checkpoint;
    private readonly LogSession _session;
    private readonly Redeliveries<T> _redeliveries;
    private readonly LogTail<T> _tail;
    private readonly CheckpointWriter _writer;
    private readonly long _replayEnd;
    private readonly SaveSoon _saveSoon;
    private readonly object _gate = new();
    private bool _saidFull;
    private volatile bool _halted;
    private bool _ended;

    public Feed(FeedParts<T> parts, DurableQueue<T> queue, LogSubscription state, IReadOnlyList<LogDelivery> deliveries, bool isCareful)
    {
        _parts = parts;
        _queue = queue;
        _session = parts.Session;
        _checkpoint = new Checkpoint(state.Position, parts.Capacity, parts.KeyOf is not null);
        _writer = new CheckpointWriter(parts.Subscription, _checkpoint, _session.Writer, _gate);
        _redeliveries = new Redeliveries<T>(this, parts, _checkpoint, _gate);
        _replayEnd = state.ReplayEnd;
        _tail = new LogTail<T>(this, parts, _checkpoint, _redeliveries, _gate);
        CarefulUpTo = isCareful ? Math.Min(_session.Writer.Head, state.Position + LogTail<T>.MaxAhead) : 0;
        _saveSoon = new SaveSoon(_session.Writer);
        _redeliveries.Load(deliveries, isCareful);
    }

    /// <summary>Deliveries up to this sequence may have been under way when a process died: their attempts are stored before they begin.</summary>
    public long CarefulUpTo { get; }

    public CheckpointWriter Writer => _writer;

    public long Head => _session.Writer.Head;

    /// <summary>Whether it has ended: what is settled from now on is not this feed's any more. With the lock held.</summary>
    public bool HasEnded => _ended;

    /// <summary>Whether it has as many rows as it may have, and need not read on to let some of them go. With the lock held.</summary>
    public bool IsFull => _checkpoint.Rows >= _parts.MaxParked && !_checkpoint.AnyHeld;

    /// <summary>Whether it lets nothing more begin until the next start: it lags while the bus stops, or the log has failed.</summary>
    public bool IsHalted => _halted;

    /// <summary>Up to where everything is settled, and up to where everything is settled or waits for its time; read at one moment.</summary>
    public (long Settled, long SettledOrResting) Progress
    {
        get
        {
            lock (_gate)
            {
                // A sequence that nobody wants is settled when it is read.
                var position = _checkpoint.Position;
                if (_checkpoint.AnyLeaving)
                    return (position - 1, position - 1);
                if (_checkpoint.Rows == 0)
                    return (position, position);
                if (_checkpoint.Rows > _checkpoint.RowsAtRest)
                    return (position - 1, position - 1);
                // With as many rows as it may have, what is not read yet waits for them.
                return (position - 1, IsFull && _checkpoint.InHand == 0 ? _session.Writer.Head : position);
            }
        }
    }

    /// <summary>How many deliveries are read and not settled, how many of them wait for their time or behind their key, and how many sequences are not read.</summary>
    public (int Unsettled, int Parked, long Lag) Left
    {
        get
        {
            lock (_gate)
                return (_checkpoint.Unsettled, _checkpoint.RowsAtRest, Math.Max(0, _session.Writer.Head - _checkpoint.ReadUpTo));
        }
    }

    /// <summary>The oldest sequence that is not settled, read or not; 0 if all are.</summary>
    public long OldestUnsettled
    {
        get
        {
            lock (_gate)
                return _checkpoint.OldestUnsettled is > 0 and var oldest ? oldest : _checkpoint.ReadUpTo < _session.Writer.Head ? _checkpoint.ReadUpTo + 1 : 0;
        }
    }

    /// <summary>Whether a delivery that a worker has is neither settled nor parked: it may be about to notice.</summary>
    public bool IsInHand(in QueuedEvent<T> delivery)
    {
        lock (_gate)
            return _checkpoint.IsInHand(IdOf(delivery.Details!));
    }

    /// <summary>How many deliveries are in the queue or with a worker.</summary>
    public int InHand
    {
        get
        {
            lock (_gate)
                return _checkpoint.InHand;
        }
    }

    public long ReadUpTo
    {
        get
        {
            lock (_gate)
                return _checkpoint.ReadUpTo;
        }
    }

    /// <summary>Whether nothing comes into its queue until something of it is settled or published.</summary>
    public bool HasNothingToRead
    {
        get
        {
            lock (_gate)
                return !_tail.IsReading && !_redeliveries.IsReading && (_checkpoint.ReadUpTo >= _session.Writer.Head || _tail.WaitsForRoom || IsFull);
        }
    }

    public void Start()
    {
        _session.Writer.Add(this);
        // A log that has failed by now tells nobody again.
        if (_session.Writer.Failure is { } failure)
        {
            Fail(failure);
            return;
        }

        lock (_gate)
        {
            _tail.Begin();
            GoOn();
            // Whoever has asked for a commit until now has woken a writer that did not know of it.
            if (_writer.IsAwaited)
                _session.Writer.Touch();
        }
    }

    /// <summary>Reads no further page: a stop waits for what is live, and not for what lags, now or in the course of it.</summary>
    public void StopWhenLagging()
    {
        lock (_gate)
            _tail.StopWhenLagging();
    }

    /// <summary>Stores what is left to store. A delivery that is settled by now is not delivered again.</summary>
    public Task FlushAsync()
    {
        lock (_gate)
        {
            if (!_ended)
                _checkpoint.KeepOvertaken(NewRow);
        }

        return _writer.FlushAsync();
    }

    /// <summary>Ends it: what is settled from now on is not this feed's any more.</summary>
    public void End()
    {
        _session.Writer.Remove(this);
        lock (_gate)
        {
            _ended = true;
            _redeliveries.End();
            _tail.End();
        }

        _writer.End();
    }

    public bool Write(ILogTransaction transaction) => _writer.Write(transaction);

    public void Committed()
    {
        lock (_gate)
        {
            _writer.Committed();
            GoOn();
        }
    }

    public void NotCommitted() => _writer.NotCommitted();

    public bool TryMend(Exception refusal) => _writer.TryMend(refusal);

    public void Receive(CommittedBatch batch)
    {
        _tail.Receive(batch);
        _parts.Idle.Check();
    }

    public void Fail(EventLogException error)
    {
        if (error.IsOfOneChange)
            LogMessages.StateRefused(_parts.Log, error, _parts.Subscription);
        Halt(HoldReason.LogFailed);
        _writer.End();
        _parts.Idle.Check();
    }

    public void Closed() => _writer.End();

    /// <summary>A delivery is settled.</summary>
    public void Settle(in QueuedEvent<T> delivery) => Settle(IdOf(delivery.Details!));

    public void Settle(DeliveryId id)
    {
        lock (_gate)
        {
            if (_ended)
                return;
            SettleLocked(id);
            GoOn();
        }
    }

    /// <summary>As <see cref="Settle(DeliveryId)"/>, with the lock held.</summary>
    public void SettleLocked(DeliveryId id)
    {
        if (_checkpoint.Settle(id) is { } next)
            _redeliveries.GoOnWith(next);
    }

    /// <summary>A delivery waits for its next attempt, or for its first if it could not be tried.</summary>
    public void Park(in QueuedEvent<T> delivery, in Parking waits)
    {
        lock (_gate)
        {
            if (_ended)
                return;
            var row = RowOf(IdOf(delivery.Details!));
            row.Attempts = waits.Retry.Attempts;
            row.Retry = waits.Retry;
            row.StoredState = LogDeliveryState.Waiting;
            row.Wait = waits.Delay;
            var now = _parts.Clock.UtcNow;
            row.Due = Clock.After(now, waits.Delay);
            row.FirstAttempt = now.AddTicks(waits.Retry.FirstAttemptAt - _parts.Clock.Now);
            _checkpoint.Park(row);
            _redeliveries.WaitFor(row, waits.Delay);
            GoOn();
        }

        _session.Writer.Touch();
    }

    /// <summary>Puts a delivery behind an earlier one of its key that waits, if there is one.</summary>
    /// <returns>Whether there is.</returns>
    public bool TryPutBehind(in QueuedEvent<T> delivery)
    {
        // Read without the lock: a key is blocked before the next of its deliveries is taken.
        if (!_checkpoint.AnyBlocked)
            return false;
        lock (_gate)
        {
            var id = IdOf(delivery.Details!);
            if (_ended || _checkpoint.KeyOf(id) is not { } key || !TryPutBehind(id, key))
                return false;
            GoOn();
        }

        return true;
    }

    /// <inheritdoc cref="TryPutBehind(in QueuedEvent{T})"/>
    /// <remarks>With the lock held.</remarks>
    public bool TryPutBehind(DeliveryId id, string key)
    {
        if (!_checkpoint.IsBehind(key, id))
            return false;
        var row = RowOf(id);
        row.StoredState = LogDeliveryState.BehindKey;
        _checkpoint.PutBehind(row);
        return true;
    }

    /// <summary>Takes out of the queue what is behind a running delivery of its key: it waits as rows. With the lock held.</summary>
    /// <param name="keep">So many stay in the queue for each key.</param>
    public void TakeBack(int keep)
    {
        foreach (var delivery in _queue.TakeBack(keep))
        {
            var id = IdOf(delivery.Details!);
            var key = _checkpoint.KeyOf(id)!; // Only those that have one wait behind others.
            if (!_checkpoint.IsBehind(key, id) && _checkpoint.LastInHand(key, id) is { } running)
                _checkpoint.KeepAsHead(RowOf(running));
            if (TryPutBehind(id, key))
                continue;
            // What it was behind is settled this very moment.
            var row = RowOf(id);
            _checkpoint.KeepAsHead(row);
            _redeliveries.Add(row);
        }
    }

    /// <summary>Stores that an attempt begins, before it does: a crash will count as this attempt.</summary>
    /// <returns>Whether it is stored; if not, the feed has ended, or the log has failed.</returns>
    public Task<bool> RecordAttemptAsync(in QueuedEvent<T> delivery, int attempt)
    {
        Task<bool> stored;
        lock (_gate)
        {
            if (_ended)
                return Task.FromResult(false);
            var row = RowOf(IdOf(delivery.Details!));
            row.Attempts = attempt;
            row.StoredState = LogDeliveryState.Running;
            _checkpoint.Keep(row);
            stored = _writer.NextCommitAsync();
        }

        _session.Writer.Touch();
        return stored;
    }

    /// <summary>Delivers a dead letter again: it is marked, and has a row, since a commit.</summary>
    /// <returns>Whether it does; not after its end.</returns>
    public bool TryRedrive(DeliveryId id, string? key)
    {
        lock (_gate)
        {
            if (_ended)
                return false;
            _redeliveries.Redrive(id, key);
        }

        _session.Writer.Touch();
        return true;
    }

    /// <summary>Gives rows to what is read and not settled up to a position to which it is about to be moved: those deliveries are not forgotten with this.</summary>
    /// <returns>How many sequences it passes unread.</returns>
    public long KeepUpTo(long position)
    {
        lock (_gate)
        {
            if (!_ended)
                _checkpoint.KeepUpTo(position, NewRow);
            return Math.Max(0, position - _checkpoint.ReadUpTo);
        }
    }

    public UnsettledRow NewRow(DeliveryId id, string? key) => new(id, key, _redeliveries.OnDue);

    public bool IsReplay(long sequence) => sequence <= _replayEnd;

    /// <summary>Puts an event in the queue, which has room for it. With the lock held.</summary>
    public void Enqueue(in Arrival arrival, DeliveryId id, string? key)
    {
        if (arrival.KeyError is { } error)
            _redeliveries.BuryUnkeyed(arrival, id, key, error);
        else
            _queue.Add(new QueuedEvent<T>((T)arrival.Event, arrival.Stamp, arrival.Details), key);
    }

    /// <summary>Reads on, or reads again what is due, where there is room. With the lock held.</summary>
    public void GoOn()
    {
        if (_ended)
            return;
        _redeliveries.GoOn();
        _tail.LeaveBehind();
        if (_checkpoint.HasChanges)
            SaveChanges();
        if (_tail.IsLive)
            return;
        SayWhetherFull();
        _tail.GoOn();
    }

    /// <summary>Lets nothing begin any more.</summary>
    public void Halt(HoldReason reason)
    {
        _queue.Hold(reason, true);
        _halted = true;
    }

    private static DeliveryId IdOf(EventDetails details) =>
        details.Earlier is RetryState { Source: UnsettledRow row } ? row.Id : new(details.Sequence);

    // From here on: with the lock held, unless it says otherwise.

    private UnsettledRow RowOf(DeliveryId id) => _checkpoint.TryGetRow(id, out var row) ? row : NewRow(id, _checkpoint.KeyOf(id));

    // Once, until half of them are gone. By the reader: nobody's logger is called with the lock held.
    private void SayWhetherFull()
    {
        var rows = _checkpoint.Rows;
        if (IsFull && !_saidFull)
            _saidFull = SayFull(rows);
        else if (rows <= _parts.MaxParked / 2)
            _saidFull = false;
    }

    // Apart, so that it makes an object only when it says something.
    private bool SayFull(int rows) => _session.Reader.Post(() => LogMessages.TooManyParked(_parts.Log, _parts.Subscription, rows));

    private void SaveChanges()
    {
        // It may read no more before its position is stored: then that must not wait.
        if (_tail.IsAtBound)
            _session.Writer.Touch();
        else if (_saveSoon.Position < 0)
            _parts.Timer.Add(_saveSoon, s_saveAfter);
    }

    private sealed class SaveSoon(LogWriter writer) : DueItem
    {
        public override void OnDue() => writer.Touch();
    }
}
