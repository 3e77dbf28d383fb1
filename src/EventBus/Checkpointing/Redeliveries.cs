using EventBus.Events;
using EventBus.Observing;
using EventBus.Recording;
using EventBus.Settling;
using EventBus.Storage;
using EventBus.Timing;

namespace EventBus.Checkpointing;

/// <summary>Deliveries whose event is read again: retries whose time has come, what waited behind its key, dead letters that are redriven.</summary>
/// <remarks>Everything is guarded by the feed's lock, which callers hold unless it says otherwise.</remarks>
internal sealed class Redeliveries<T>(Feed<T> feed, FeedParts<T> parts, Checkpoint checkpoint, object gate)
{
    // So many events are read at once; more would keep what lags from reading for long.
    private const int Batch = 64;

    private static readonly TimeSpan s_again = TimeSpan.FromSeconds(1);

    private readonly Queue<UnsettledRow> _due = new();
    private Again? _again;
    private bool _isReading;
    private bool _ended;

    public bool IsReading => _isReading;

    /// <summary>Takes over what is stored of a subscription's deliveries, in order of sequence.</summary>
    public void Load(IReadOnlyList<LogDelivery> deliveries, bool isCareful)
    {
        foreach (var stored in deliveries)
        {
            if (stored.State == LogDeliveryState.Settled)
            {
                checkpoint.LoadSettled(stored.Sequence);
                continue;
            }

            var row = feed.NewRow(new(stored.Sequence, stored.DeadLetterId), stored.Key);
            var wasRunning = stored.State == LogDeliveryState.Running;
            row.Attempts = stored.Attempts;
            row.StoredState = stored.State;
            row.Due = stored.Due;
            row.Wait = stored.Wait;
            row.FirstAttempt = stored.FirstAttempt;
            row.Retry = new RetryState
            {
                Source = row,
                // An attempt that was stored before it began, and did not end, counts when it is known how it ended.
                Attempts = wasRunning ? Math.Max(0, stored.Attempts - 1) : stored.Attempts,
                WasInterrupted = isCareful && wasRunning && stored.Attempts > 0,
                FirstAttemptAt = parts.Clock.Now - SinceFirstAttempt(stored),
                PreviousDelay = stored.Wait,
            };
            checkpoint.Load(row);
        }

        ReleaseRead();
    }

    /// <summary>Lets those go on that were held until the log was read past them.</summary>
    public void ReleaseRead()
    {
        while (checkpoint.TryRelease(out var row))
        {
            if (row.Phase == RowPhase.Waiting)
                WaitFor(row, row.StoredState == LogDeliveryState.Running ? TimeSpan.Zero : Left(row));
        }
    }

    public void WaitFor(UnsettledRow row, TimeSpan wait)
    {
        // Also where it waits behind another: it may become the first of its key before its time.
        if (wait > TimeSpan.Zero)
            parts.Timer.Add(row, wait);
        else if (row.Phase == RowPhase.Waiting)
            Add(row);
    }

    /// <summary>A delivery is the first of its key from now on. It may have been tried before, and its time may not have come.</summary>
    public void GoOnWith(UnsettledRow next)
    {
        checkpoint.SetPhase(next, RowPhase.Waiting);
        WaitFor(next, TimeSpan.FromTicks(next.DueAt - parts.Clock.Now));
    }

    /// <summary>A delivery may go on.</summary>
    public void Add(UnsettledRow row)
    {
        checkpoint.SetPhase(row, RowPhase.Due);
        _due.Enqueue(row);
    }

    /// <summary>A dead letter is delivered again, with its attempts counted from 1. Where its row was stored before this began, it is here already.</summary>
    public void Redrive(DeliveryId id, string? key)
    {
        if (checkpoint.TryGetRow(id, out _))
            return;
        var row = feed.NewRow(id, key);
        row.Place = new(Math.Max(id.Sequence, checkpoint.ReadUpTo), id.DeadLetterId);
        row.StoredState = LogDeliveryState.Waiting;
        row.Retry = new RetryState { Source = row, FirstAttemptAt = parts.Clock.Now };
        checkpoint.Keep(row);
        if (key is not null && checkpoint.IsBehind(key, id))
            checkpoint.PutBehind(row);
        else
            Add(row);
    }

    /// <summary>Reads what is due, where there is room.</summary>
    public void GoOn()
    {
        if (_due.Count > 0 && !_isReading && checkpoint.HasRoom)
            _isReading = parts.Session.Reader.Post(Read);
    }

    /// <summary>Without the lock: on the timer's thread.</summary>
    public void OnDue(UnsettledRow row)
    {
        lock (gate)
        {
            if (_ended || row.Phase != RowPhase.Waiting)
                return;
            if (!row.HasPlace && parts.Budget?.Reserve(parts.Clock.Now) is { } wait && wait > TimeSpan.Zero)
            {
                row.HasPlace = true;
                parts.Timer.Add(row, wait);
                return;
            }

            row.HasPlace = false;
            Add(row);
            feed.GoOn();
        }
    }

    /// <summary>Without the lock. The log could not be read: it is tried again, or everything durable stops.</summary>
    public void ReadFailed(EventLogException error)
    {
        LogMessages.LogReadFailed(parts.Log, error, parts.Subscription);
        if (!error.IsTransient)
        {
            parts.Session.Writer.FailWith(error);
            return;
        }

        _again ??= new Again(feed, gate);
        parts.Timer.Remove(_again);
        parts.Timer.Add(_again, s_again);
    }

    public void End()
    {
        _ended = true;
        parts.Timer.RemoveAll(item => item is UnsettledRow row && row.IsOf(this));
    }

    /// <param name="record">What stands in the log.</param>
    /// <param name="unreadable">What is wrong with it.</param>
    /// <param name="id">The delivery.</param>
    /// <param name="key">The key in whose order it stands.</param>
    public void BuryUnreadable(LogRecord record, UnreadableEvent unreadable, DeliveryId id, string? key) =>
        _ = BuryAsync(Letter(unreadable, record, DeadLetterReason.Unreadable, "", unreadable.Problem, unreadable.Problem), id, key);

    public void BuryUnkeyed(in Arrival arrival, DeliveryId id, string? key, Exception error)
    {
        var context = new DeliveryContext<T>(parts.Host, [parts.Subscription]);
        context.Begin((T)arrival.Event, arrival.Stamp, arrival.Details, null);
        var letter = new DeadLetter
        {
            Id = 0,
            Event = arrival.Event,
            Metadata = context.Capture(),
            Reason = DeadLetterReason.NotRetried,
            ExceptionType = ExceptionText.TypeOf(error),
            Description = $"The key could not be read: {ExceptionText.MessageOf(error)}",
            ExceptionText = ExceptionText.Of(error),
            Exception = error,
            LastAttemptTime = parts.Clock.UtcNow,
        };
        _ = BuryAsync(letter, id, key);
    }

    private static TimeSpan Shorter(TimeSpan a, TimeSpan b) => a < b ? a : b;

    // A clock that was set neither stretches a wait nor ends it.
    private TimeSpan Left(UnsettledRow row) => Shorter(row.Due - parts.Clock.UtcNow, row.Wait);

    private long SinceFirstAttempt(LogDelivery stored) =>
        stored.Attempts == 0 ? 0 : Math.Max(0, (parts.Clock.UtcNow - stored.FirstAttempt).Ticks);

    private DeadLetter Letter(object @event, LogRecord record, DeadLetterReason reason, string exceptionType, string description, string text) => new()
    {
        Id = 0,
        Event = @event,
        Metadata = RecordCodec.MetadataOf(record, parts.Subscription),
        Reason = reason,
        ExceptionType = exceptionType,
        Description = description,
        ExceptionText = text,
        Exception = (@event as UnreadableEvent)?.Error,
        LastAttemptTime = parts.Clock.UtcNow,
    };

    private async Task BuryAsync(DeadLetter letter, DeliveryId id, string? key)
    {
        var row = feed.NewRow(id, key);
        var retry = new RetryState { Source = row };
        if (!await parts.Bury(letter, retry).AnyContext())
        {
            BuryLater(row, retry);
            parts.Idle.Check();
            return;
        }

        Interlocked.Increment(ref parts.Counters.DeadLettered);
        feed.Settle(id);
        parts.Idle.Check();
    }

    // Without the lock. The log could not be asked what to bury: it is read again, and is no better then.
    private void BuryLater(UnsettledRow row, RetryState retry)
    {
        lock (gate)
        {
            if (_ended || feed.IsHalted)
                return;
            if (checkpoint.TryGetRow(row.Id, out var known))
                row = known;
            row.Retry ??= retry;
            row.Wait = s_again;
            row.Due = parts.Clock.UtcNow + s_again;
            checkpoint.Park(row);
            WaitFor(row, s_again);
        }
    }

    // Without the lock: on the reader's thread.
    private void Read()
    {
        var rows = new List<UnsettledRow>();
        lock (gate)
        {
            _isReading = false;
            if (_ended)
                return;
            for (var room = parts.Capacity - checkpoint.InHand; rows.Count < Math.Min(Batch, room) && _due.TryDequeue(out var row);)
                rows.Add(row);
        }

        List<LogRecord?> records;
        try
        {
            records = ReadAll(rows);
        }
        catch (EventLogException error)
        {
            lock (gate)
                rows.ForEach(_due.Enqueue);
            ReadFailed(error);
            return;
        }

        var events = records.ConvertAll(record => record is null ? null : parts.Session.Codec.Decode(record));
        var arrivals = new Arrival[rows.Count];
        for (var i = 0; i < rows.Count; i++)
        {
            if (events[i] is { } @event and not UnreadableEvent)
                arrivals[i] = Arrive(rows[i], records[i]!, @event);
        }

        lock (gate)
        {
            if (_ended)
                return;
            for (var i = 0; i < rows.Count; i++)
                Return(rows[i], records[i], events[i], arrivals[i]);
            feed.GoOn();
        }

        for (var i = 0; i < rows.Count; i++)
        {
            if (records[i] is null)
                LogMessages.DeliveryGone(parts.Log, parts.Subscription, rows[i].Id.Sequence);
        }

        parts.Idle.Check();
    }

    // A stored delivery keeps the key under which it is stored, also where the subscription's keys are other ones since: under that it holds back what comes behind it.
    private Arrival Arrive(UnsettledRow row, LogRecord record, object @event)
    {
        var stamp = RecordCodec.StampOf(record);
        var details = parts.Session.Codec.DetailsOf(record, feed.IsReplay(row.Id.Sequence), row.Retry);
        return row.Key is { } key ? new(@event, stamp, details, key, null) : parts.Arrive(@event, stamp, details);
    }

    private List<LogRecord?> ReadAll(List<UnsettledRow> rows)
    {
        var log = parts.Session.Log;
        var found = log.Read([.. rows.Where(static row => row.Id.DeadLetterId == 0).Select(static row => row.Id.Sequence)]).ToDictionary(static record => record.Sequence);
        return rows.ConvertAll(row => row.Id.DeadLetterId > 0
            ? log.ReadDeadLetter(row.Id.DeadLetterId)?.Record
            : found.GetValueOrDefault(row.Id.Sequence));
    }

    private void Return(UnsettledRow row, LogRecord? record, object? @event, in Arrival arrival)
    {
        checkpoint.SetPhase(row, RowPhase.InHand);
        if (record is null)
        {
            feed.SettleLocked(row.Id);
        }
        else if (@event is UnreadableEvent unreadable)
        {
            BuryUnreadable(record, unreadable, row.Id, row.Key);
        }
        else
        {
            feed.Enqueue(arrival, row.Id, row.Key);
        }
    }

    private sealed class Again(Feed<T> feed, object gate) : DueItem
    {
        public override void OnDue()
        {
            lock (gate)
                feed.GoOn();
        }
    }
}
