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
    private readonly HashSet<long> _loadedAhead = [];
    private readonly Dictionary<DeliveryId, string?> _leaving = [];
    private long _takenPosition = position;
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

    /// <summary>Rows that wait for their time or behind their key.</summary>
    public int RowsAtRest => _rowsAtRest;

    /// <summary>Deliveries in the queue or with a worker.</summary>
    public int InHand => _window.Open + _rowsInHand;

    public bool HasRoom => InHand < capacity;

    public bool AnyBlocked => _keys.Any;

    public bool HasChanges => _changed.Count > 0 || Position != _takenPosition;

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

    /// <summary>Whether an event that is read is known already, by a row that was stored before the position had come so far. Answers so once.</summary>
    public bool IsLoaded(long sequence) => _loadedAhead.Remove(sequence);

    /// <summary>Nothing that the subscription wants is left up to here.</summary>
    public void Pass(long sequence) => ReadUpTo = Math.Max(ReadUpTo, sequence);

    /// <summary>A stored row was loaded; rows are loaded in order.</summary>
    public void Load(UnsettledRow row, bool isBehind)
    {
        _rows.Add(row.Id, row);
        if (row.Id.DeadLetterId == 0 && row.Id.Sequence > ReadUpTo)
            _loadedAhead.Add(row.Id.Sequence);
        SetPhase(row, isBehind ? RowPhase.Behind : RowPhase.Waiting, isNew: true);
        if (row.Key is { } key)
            _keys.Load(key, row);
    }

    /// <summary>A delivery is settled as far as storage is concerned, and not yet for whoever has it. What waits behind its key still waits.</summary>
    public void Leave(DeliveryId id)
    {
        var key = KeyOf(id);
        Forget(id);
        _leaving.Add(id, key);
    }

    /// <summary>A delivery is settled. Does nothing the second time.</summary>
    public void Forget(DeliveryId id)
    {
        _leaving.Remove(id);
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
        SetPhase(row, RowPhase.Waiting);
        if (row.Key is { } key)
            _keys.Block(key, row);
    }

    /// <summary>Whether a delivery must wait because an earlier one of its key does.</summary>
    public bool IsBehind(string key, DeliveryId id) => _keys.IsBlocked(key, id);

    /// <summary>The delivery leaves the queue and waits behind an earlier one of its key.</summary>
    public void PutBehind(UnsettledRow row)
    {
        Keep(row);
        SetPhase(row, RowPhase.Behind);
        _keys.Add(row.Key!, row);
    }

    /// <summary>The delivery has a row from now on, or the row has changed; it stays where it is.</summary>
    public void Keep(UnsettledRow row)
    {
        _leaving.Remove(row.Id);
        if (_rows.TryAdd(row.Id, row))
            SetPhase(row, RowPhase.InHand, isNew: true);
        if (row.Id.DeadLetterId == 0)
            _window.TrySettle(row.Id.Sequence);
        _changed.Add(row.Id);
    }

    public void SetPhase(UnsettledRow row, RowPhase phase) => SetPhase(row, phase, isNew: false);

    /// <summary>What has to be stored. Whoever takes it says what became of it before he takes again: <see cref="Committed"/>, or <see cref="TakeBack"/>.</summary>
    public CheckpointChanges TakeChanges()
    {
        var changes = new CheckpointChanges(SavedPosition, Position, _changed.Count == 0 ? [] : ChangedRows());
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

    private (DeliveryId Id, LogDelivery? Stored)[] ChangedRows() => [.. _changed.Select(id => (id, _rows.GetValueOrDefault(id)?.ToStored()))];

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
        else if (phase is RowPhase.Waiting or RowPhase.Behind)
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
