namespace EventBus.Checkpointing;

/// <summary>Rows that were stored beyond the position, held until the log is read past their events: an earlier event of their key, whose settlement was lost with a process,
/// goes before them. Pure.</summary>
internal sealed class HeldRows
{
    // They are loaded in the order of the log, and it is read in that order.
    private readonly Queue<UnsettledRow> _rows = new();
    private readonly HashSet<long> _sequences = [];

    public bool Any => _rows.Count > 0;

    public bool Contains(long sequence) => _sequences.Contains(sequence);

    public void Add(UnsettledRow row)
    {
        _rows.Enqueue(row);
        if (row.Id.DeadLetterId == 0)
            _sequences.Add(row.Id.Sequence);
    }

    /// <returns>The next row up to a sequence that is held no longer, if there is one.</returns>
    public UnsettledRow? TakeUpTo(long sequence)
    {
        if (!_rows.TryPeek(out var row) || row.Id.Sequence > sequence)
            return null;
        _sequences.Remove(row.Id.Sequence);
        return _rows.Dequeue();
    }
}
