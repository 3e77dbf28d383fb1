using System.Diagnostics.CodeAnalysis;
using EventBus.Storage;

namespace EventBus.Checkpointing;

/// <summary>A durable subscription's whole state: up to where it has read, what of that is not settled, and which keys wait. Pure: it waits for nothing, reads no
/// clock and writes nothing; guarded by its feed's lock.</summary>
/// <remarks>The position is the last sequence below which everything is settled or has a row. What is read and not settled stands in a window; where one delivery
/// takes so long that the window fills up behind it, it gets a row, and the position goes on.</remarks>
internal sealed class Checkpoint(long position, int capacity, bool withKeys)
{
    /// <summary>How many settled events may pile up behind an unsettled one, for each that may be in hand.</summary>
    private const int Depth = 4;

    private readonly ReadWindow _window = new(capacity * Depth, withKeys);
    private readonly Dictionary<DeliveryId, UnsettledRow> _rows = [];
    private readonly BlockedKeys _keys = new();
    private readonly HashSet<DeliveryId> _changed = [];
    private readonly HeldRows _held = new();
    private readonly SortedSet<long> _settledAhead = [];
    private readonly Dictionary<DeliveryId, string?> _leaving = [];
    private long _takenPosition = position;
    private long _settlings;
    private int _rowsInHand;
    private int _rowsAtRest;

    /// <summary>Everything up to and including this sequence was read.</summary>
    public long ReadUpTo { get; private set; } = position;

    /// <summary>The position that is committed; not the one of a transaction that is still under way.</summary>
    public long SavedPosition { get; private set; } = position;

    /// <summary>Everything up to and including this sequence is settled or has a row.</summary>
    public long Position => _window.IsEmpty ? ReadUpTo : _window.Oldest - 1;

    public int Rows => _rows.Count;

    /// <summary>Deliveries that were read and are not settled.</summary>
    public int Unsettled => _window.Open + _rows.Count + _leaving.Count;

    /// <summary>Whether a delivery is on its way to the dead letters, and whoever has it does not know yet that it arrived.</summary>
    public bool AnyLeaving => _leaving.Count > 0;

    /// <summary>The oldest sequence that was read and is not settled; 0 if all is.</summary>
    public long OldestUnsettled
    {
        get
        {
            var oldest = _window.IsEmpty ? long.MaxValue : _window.Oldest;
            foreach (var id in _rows.Keys)
                oldest = Math.Min(oldest, id.Sequence);
            return oldest == long.MaxValue ? 0 : oldest;
        }
    }

    /// <summary>Whether a row is held that was stored beyond the position, because the log was not read so far yet.</summary>
    public bool AnyHeld => _held.Any;

    /// <summary>How many deliveries have left the queue and the workers so far: it stands still while all that are in hand take long.</summary>
    public long Settlings => _settlings;

    /// <summary>Rows that wait for their time or behind their key, or are held.</summary>
    public int RowsAtRest => _rowsAtRest;

    /// <summary>Deliveries in the queue or with a worker.</summary>
    public int InHand => _window.Open + _rowsInHand;

    public bool HasRoom => InHand < capacity;

    public bool AnyBlocked => _keys.Any;

    public bool HasChanges => _changed.Count > 0 || Position != _takenPosition || AnySettledBehind(Position);

    /// <summary>An event that the subscription wants was read; events are read in order.</summary>
    /// <param name="sequence">The event.</param>
    /// <param name="key">Its key, if any.</param>
    /// <param name="makeRow">Makes a row of the oldest delivery, should it have to get one.</param>
    public void Begin(long sequence, string? key, Func<DeliveryId, string?, UnsettledRow> makeRow)
    {
        if (_window.IsFull)
            KeepOldest(makeRow);
        _window.Add(sequence, key);
        ReadUpTo = sequence;
    }

    /// <summary>Gives the oldest delivery in the window a row, if there is one, so that the position can pass it.</summary>
    public void KeepOldest(Func<DeliveryId, string?, UnsettledRow> makeRow)
    {
        if (!_window.IsEmpty)
            Keep(makeRow(new(_window.Oldest), _window.OldestKey));
    }

    /// <summary>Gives rows to deliveries that later ones have overtaken, so that those are not delivered again where this ends in peace.</summary>
    public void KeepOvertaken(Func<DeliveryId, string?, UnsettledRow> makeRow)
    {
        while (_window.AnyOvertaken)
            KeepOldest(makeRow);
    }

    /// <summary>Gives rows to all deliveries in the window up to a sequence.</summary>
    public void KeepUpTo(long sequence, Func<DeliveryId, string?, UnsettledRow> makeRow)
    {
        while (!_window.IsEmpty && _window.Oldest <= sequence)
            KeepOldest(makeRow);
    }

    /// <summary>The key of a delivery that was read and is not settled. It was read once, when the event was: the application's code is not asked again, since it could
    /// give another answer than the one that is stored, or throw.</summary>
    public string? KeyOf(DeliveryId id) =>
        _rows.TryGetValue(id, out var row) ? row.Key
        : _leaving.TryGetValue(id, out var key) ? key
        : id.DeadLetterId == 0 ? _window.KeyOf(id.Sequence)
        : null;

    /// <summary>Whether an event that is read is known already, from before the last start: it has a row, or is settled, beyond the position.</summary>
    public bool IsKnown(long sequence) => _held.Contains(sequence) || _settledAhead.Contains(sequence);

    /// <summary>Nothing that the subscription wants is left up to here.</summary>
    public void Pass(long sequence) => ReadUpTo = Math.Max(ReadUpTo, sequence);

    /// <summary>A stored row was loaded; rows are loaded in order. One beyond the position is held.</summary>
    public void Load(UnsettledRow row)
    {
        _rows.Add(row.Id, row);
        SetPhase(row, RowPhase.Held, isNew: true);
        _held.Add(row);
    }

    /// <summary>A delivery was settled before the last start, beyond the position.</summary>
    public void LoadSettled(long sequence) => _settledAhead.Add(sequence);

    /// <summary>Takes the next row that is held although everything up to its event was read: it waits for its time, or behind an earlier one of its key.</summary>
    public bool TryRelease([NotNullWhen(true)] out UnsettledRow? row)
    {
        row = _held.TakeUpTo(ReadUpTo);
        if (row is null)
            return false;
        SetPhase(row, RowPhase.Waiting);
        Block(row);
        return true;
    }

    /// <summary>A delivery is settled by a dead letter that is being stored, as far as storage is concerned, and not yet for whoever has it. What waits behind its key still waits.</summary>
    public void Leave(DeliveryId id)
    {
        var key = KeyOf(id);
        Forget(id);
        _leaving.Add(id, key);
        // The position may be before it for long, and this is all that tells the next process that it is settled.
        if (id.DeadLetterId != 0)
            return;
        _settledAhead.Add(id.Sequence);
        _changed.Add(id);
    }

    /// <summary>A delivery is settled.</summary>
    /// <returns>The next one of its key, if it waited behind this.</returns>
    public UnsettledRow? Settle(DeliveryId id)
    {
        var key = AnyBlocked ? KeyOf(id) : null;
        Forget(id);
        return key is null ? null : Release(id, key);
    }

    /// <summary>A delivery is settled. Does nothing the second time.</summary>
    public void Forget(DeliveryId id)
    {
        _leaving.Remove(id);
        _settlings++;
        if (id.DeadLetterId == 0)
            _window.TrySettle(id.Sequence);
        if (!_rows.Remove(id, out var row))
            return;
        SetPhase(row, null, isNew: false);
        _changed.Add(id);
    }

    /// <summary>A delivery of the key is settled.</summary>
    /// <returns>The next one of the key, if it waited behind this.</returns>
    public UnsettledRow? Release(DeliveryId id, string key)
    {
        var next = _keys.Release(key, id);
        if (next is not null)
            SetPhase(next, RowPhase.Due);
        return next;
    }

    /// <summary>Whether a delivery is in the queue or with a worker.</summary>
    public bool IsInHand(DeliveryId id) => _rows.TryGetValue(id, out var row) ? row.Phase == RowPhase.InHand : id.DeadLetterId == 0 && _window.IsOpen(id.Sequence);

    public bool TryGetRow(DeliveryId id, [NotNullWhen(true)] out UnsettledRow? row) => _rows.TryGetValue(id, out row);

    /// <summary>The delivery leaves the queue, and waits as the row says. Later ones of its key wait behind it.</summary>
    public void Park(UnsettledRow row)
    {
        Keep(row);
        _settlings++;
        SetPhase(row, RowPhase.Waiting);
        Block(row);
    }

    /// <summary>Whether a delivery must wait because an earlier one of its key does.</summary>
    public bool IsBehind(string key, DeliveryId id) => _keys.IsBlocked(key, PlaceOf(id));

    /// <summary>The delivery leaves the queue and waits behind an earlier one of its key.</summary>
    public void PutBehind(UnsettledRow row)
    {
        Keep(row);
        SetPhase(row, RowPhase.Behind);
        _keys.Add(row.Key!, row);
    }

    /// <summary>The last delivery of a key before another that is in the queue or with a worker; none where none is.</summary>
    public DeliveryId? LastInHand(string key, DeliveryId before)
    {
        var place = PlaceOf(before);
        var last = new DeliveryId(_window.LastOf(key, place.Sequence));
        var lastPlace = last;
        foreach (var row in _rows.Values)
        {
            if (row.Phase == RowPhase.InHand && row.Key == key && row.Place.CompareTo(place) < 0 && row.Place.CompareTo(lastPlace) > 0)
                (last, lastPlace) = (row.Id, row.Place);
        }

        return last.Sequence == 0 ? null : last;
    }

    /// <summary>A delivery in hand is one behind which later ones of its key wait from now on.</summary>
    public void KeepAsHead(UnsettledRow row)
    {
        Keep(row);
        Block(row);
    }

    /// <summary>The delivery has a row from now on, or the row has changed; it stays where it is.</summary>
    public void Keep(UnsettledRow row)
    {
        _leaving.Remove(row.Id);
        if (_rows.TryAdd(row.Id, row))
            SetPhase(row, RowPhase.InHand, isNew: true);
        if (row.Id.DeadLetterId == 0)
        {
            _window.TrySettle(row.Id.Sequence);
            _settledAhead.Remove(row.Id.Sequence);
        }

        _changed.Add(row.Id);
    }

    public void SetPhase(UnsettledRow row, RowPhase phase) => SetPhase(row, phase, isNew: false);

    /// <summary>What has to be stored. Whoever takes it says what became of it before he takes again: <see cref="Committed"/>, or <see cref="TakeBack"/>.</summary>
    public CheckpointChanges TakeChanges()
    {
        var position = Position;
        while (AnySettledBehind(position))
        {
            _changed.Add(new(_settledAhead.Min));
            _settledAhead.Remove(_settledAhead.Min);
        }

        var changes = new CheckpointChanges(SavedPosition, position, _changed.Count == 0 ? [] : ChangedRows());
        _changed.Clear();
        _takenPosition = changes.Position;
        return changes;
    }

    /// <summary>Changes that were taken are stored.</summary>
    public void Committed() => SavedPosition = _takenPosition;

    /// <summary>Changes that were taken were not stored.</summary>
    public void TakeBack(in CheckpointChanges changes)
    {
        _takenPosition = SavedPosition;
        foreach (var (id, _) in changes.Deliveries)
            _changed.Add(id);
    }

    private (DeliveryId Id, LogDelivery? Stored)[] ChangedRows() => [.. _changed.Select(id => (id, _rows.GetValueOrDefault(id)?.ToStored() ?? SettledOf(id)))];

    private LogDelivery? SettledOf(DeliveryId id) =>
        id.DeadLetterId == 0 && _settledAhead.Contains(id.Sequence) ? new() { Sequence = id.Sequence, State = LogDeliveryState.Settled } : null;

    private DeliveryId PlaceOf(DeliveryId id) => id.DeadLetterId != 0 && _rows.TryGetValue(id, out var row) ? row.Place : id;

    private bool AnySettledBehind(long position) => _settledAhead.Count > 0 && _settledAhead.Min <= position;

    // What was the head, and waits for its time, waits behind this one from now on.
    private void Block(UnsettledRow row)
    {
        if (row.Key is not { } key || _keys.Block(key, row) is not { Phase: RowPhase.Waiting } behind)
            return;
        SetPhase(behind, RowPhase.Behind);
        _keys.Add(key, behind);
    }

    private void SetPhase(UnsettledRow row, RowPhase? phase, bool isNew)
    {
        if (!isNew)
            Count(row.Phase, -1);
        if (phase is not { } next)
            return;
        row.Phase = next;
        Count(next, 1);
    }

    private void Count(RowPhase phase, int change)
    {
        if (phase == RowPhase.InHand)
            _rowsInHand += change;
        else if (phase is RowPhase.Waiting or RowPhase.Behind or RowPhase.Held)
            _rowsAtRest += change;
    }
}

/// <summary>What of a checkpoint has to be stored.</summary>
/// <param name="PreviousPosition">The position that was stored before.</param>
/// <param name="Position">The position to store.</param>
/// <param name="Deliveries">Deliveries to store, or, where there is no state, to forget.</param>
internal readonly record struct CheckpointChanges(long PreviousPosition, long Position, (DeliveryId Id, LogDelivery? Stored)[] Deliveries)
{
    public bool IsEmpty => PreviousPosition == Position && Deliveries.Length == 0;
}
