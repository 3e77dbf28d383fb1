using EventBus.Recording;
using EventBus.Storage;

namespace EventBus.Checkpointing;

/// <summary>Writes what changed of a checkpoint, and dead letters with it: a delivery leaves the one place in the transaction in which it comes to the other.</summary>
internal sealed class CheckpointWriter(string subscription, Checkpoint checkpoint, LogWriter writer, object gate)
{
    private readonly List<PendingLetter> _letters = [];
    private readonly List<TaskCompletionSource> _waiting = [];
    private Taken? _taken;
    private bool _ended;

    /// <summary>Moves a delivery to the dead letters.</summary>
    /// <returns>The letter's id; nothing if it could not be stored before the log ended.</returns>
    public Task<long?> KeepAsync(DeliveryId id, LogDeadLetter letter)
    {
        var pending = new PendingLetter(id, letter);
        lock (gate)
        {
            if (_ended)
                return Task.FromResult<long?>(null);
            _letters.Add(pending);
        }

        writer.Touch();
        return pending.Kept.Task;
    }

    /// <summary>Completes when what has changed so far is committed.</summary>
    public Task FlushAsync()
    {
        Task flushed;
        lock (gate)
            flushed = NextCommitAsync();
        writer.Touch();
        return flushed;
    }

    /// <summary>Completes with the next commit. With the lock held.</summary>
    public Task NextCommitAsync()
    {
        if (_ended)
            return Task.CompletedTask;
        var waiting = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _waiting.Add(waiting);
        return waiting.Task;
    }

    public bool Write(ILogTransaction transaction)
    {
        lock (gate)
        {
            if (_ended)
                return false;
            // From here on these deliveries are settled as far as storage is concerned. If this is not committed, the letters are in the next
            // transaction again, and no position is stored without them.
            foreach (var letter in _letters)
                checkpoint.Forget(letter.Id);
            if (!checkpoint.HasChanges && _letters.Count == 0 && _waiting.Count == 0)
                return false;
            _taken = new([.. _letters], [.. _waiting], checkpoint.TakeChanges());
            _letters.Clear();
            _waiting.Clear();
        }

        Apply(transaction, _taken);
        return _taken.Letters.Length > 0 || !_taken.Changes.IsEmpty;
    }

    public void Committed()
    {
        if (Take() is not { } taken)
            return;
        foreach (var letter in taken.Letters)
            letter.Kept.TrySetResult(letter.LetterId);
        foreach (var waiting in taken.Waiting)
            waiting.TrySetResult();
    }

    public void NotCommitted()
    {
        lock (gate)
        {
            if (Take() is not { } taken)
                return;
            _letters.InsertRange(0, taken.Letters);
            _waiting.InsertRange(0, taken.Waiting);
            checkpoint.TakeBack(taken.Changes);
        }
    }

    /// <summary>Nothing is written any more.</summary>
    public void End()
    {
        lock (gate)
        {
            _ended = true;
            foreach (var letter in _letters)
                letter.Kept.TrySetResult(null);
            foreach (var waiting in _waiting)
                waiting.TrySetResult();
            _letters.Clear();
            _waiting.Clear();
        }
    }

    private Taken? Take()
    {
        var taken = _taken;
        _taken = null;
        return taken;
    }

    private void Apply(ILogTransaction transaction, Taken taken)
    {
        foreach (var letter in taken.Letters)
        {
            letter.LetterId = transaction.AddDeadLetter(letter.Letter);
            if (letter.Id.DeadLetterId > 0)
                transaction.RemoveDeadLetter(letter.Id.DeadLetterId);
        }

        foreach (var (id, stored) in taken.Changes.Deliveries)
        {
            if (stored is not null)
            {
                transaction.SaveDelivery(subscription, stored);
                continue;
            }

            transaction.RemoveDelivery(subscription, id.Sequence, id.DeadLetterId);
            if (id.DeadLetterId > 0)
                transaction.RemoveDeadLetter(id.DeadLetterId);
        }

        if (taken.Changes.Position != taken.Changes.PreviousPosition)
            transaction.SavePosition(subscription, taken.Changes.Position);
    }

    private sealed record Taken(PendingLetter[] Letters, TaskCompletionSource[] Waiting, CheckpointChanges Changes);

    private sealed record PendingLetter(DeliveryId Id, LogDeadLetter Letter)
    {
        public TaskCompletionSource<long?> Kept { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public long LetterId { get; set; }
    }
}
