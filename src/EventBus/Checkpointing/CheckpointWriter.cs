using EventBus.Observing;
using EventBus.Recording;
using EventBus.Storage;
using EventBus.Timing;

namespace EventBus.Checkpointing;

/// <summary>Writes what changed of a checkpoint, and dead letters with it: a delivery leaves the one place in the transaction in which it comes to the other.</summary>
internal sealed class CheckpointWriter(string subscription, Checkpoint checkpoint, LogWriter writer, object gate)
{
    private readonly List<PendingLetter> _letters = [];
    private readonly List<TaskCompletionSource<bool>> _waiting = [];

    // What the transaction under way has of it. Fields, because there is one for each commit.
    private PendingLetter[] _takenLetters = [];
    private TaskCompletionSource<bool>[] _takenWaiting = [];
    private CheckpointChanges _takenChanges;
    private bool _isTaken;
    private bool _ended;

    // The letter that is being stored. On the writer's thread alone.
    private PendingLetter? _storing;

    /// <summary>Whether anybody waits for a commit. With the lock held.</summary>
    public bool IsAwaited => _waiting.Count > 0 || _letters.Count > 0;

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
    public async Task FlushAsync()
    {
        Task<bool> flushed;
        lock (gate)
            flushed = NextCommitAsync();
        writer.Touch();
        await flushed.AnyContext();
    }

    /// <summary>Completes with the next commit. With the lock held.</summary>
    /// <returns>Whether there was one.</returns>
    public Task<bool> NextCommitAsync()
    {
        if (_ended)
            return Task.FromResult(false);
        var waiting = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
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
                checkpoint.Leave(letter.Id);
            if (!checkpoint.HasChanges && _letters.Count == 0 && _waiting.Count == 0)
                return false;
            _takenLetters = [.. _letters];
            _takenWaiting = [.. _waiting];
            _takenChanges = checkpoint.TakeChanges();
            _isTaken = true;
            _letters.Clear();
            _waiting.Clear();
        }

        Apply(transaction);
        return _takenLetters.Length > 0 || !_takenChanges.IsEmpty;
    }

    /// <summary>What was written is committed. With the lock held.</summary>
    public void Committed()
    {
        if (!_isTaken)
            return;
        _isTaken = false;
        checkpoint.Committed();
        foreach (var letter in _takenLetters)
            letter.Kept.TrySetResult(letter.LetterId);
        foreach (var waiting in _takenWaiting)
            waiting.TrySetResult(true);
    }

    public void NotCommitted()
    {
        lock (gate)
        {
            if (!_isTaken)
                return;
            _isTaken = false;
            _letters.InsertRange(0, _takenLetters);
            _waiting.InsertRange(0, _takenWaiting);
            checkpoint.TakeBack(_takenChanges);
            if (_ended)
                GiveUp();
        }
    }

    /// <summary>After what it wrote was refused: a letter whose text does not fit in is stored without it.</summary>
    /// <returns>Whether there is one to store in another way.</returns>
    public bool TryMend(Exception refusal)
    {
        var refused = _storing;
        _storing = null;
        return refused is not null && refused.TryShorten(refusal);
    }

    /// <summary>Nothing is written any more.</summary>
    public void End()
    {
        lock (gate)
        {
            _ended = true;
            GiveUp();
        }
    }

    private void GiveUp()
    {
        foreach (var letter in _letters)
            letter.Kept.TrySetResult(null);
        foreach (var waiting in _waiting)
            waiting.TrySetResult(false);
        _letters.Clear();
        _waiting.Clear();
    }

    private void Apply(ILogTransaction transaction)
    {
        foreach (var letter in _takenLetters)
        {
            _storing = letter;
            letter.LetterId = transaction.AddDeadLetter(letter.Letter);
            _storing = null;
            if (letter.Id.DeadLetterId > 0)
                transaction.RemoveDeadLetter(letter.Id.DeadLetterId);
        }

        foreach (var (id, stored) in _takenChanges.Deliveries)
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

        if (_takenChanges.Position != _takenChanges.PreviousPosition)
            transaction.SavePosition(subscription, _takenChanges.Position);
    }

    private sealed class PendingLetter(DeliveryId id, LogDeadLetter letter)
    {
        private bool _isShort;

        public DeliveryId Id => id;

        public LogDeadLetter Letter { get; private set; } = letter;

        public TaskCompletionSource<long?> Kept { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public long LetterId { get; set; }

        public bool TryShorten(Exception refusal)
        {
            if (_isShort)
                return false;
            _isShort = true;
            Letter = Letter with { ExceptionType = "", Description = $"The log did not take what the exception said: {ExceptionText.MessageOf(refusal)}", ExceptionText = "" };
            return true;
        }
    }
}
