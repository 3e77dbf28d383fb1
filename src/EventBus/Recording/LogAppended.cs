namespace EventBus.Storage;

/// <summary>What became of an event that was given to <see cref="ILogTransaction.Append"/>.</summary>
/// <param name="Sequence">Its number in the log, or the number of the event that was there already.</param>
/// <param name="IsDuplicate">Whether an event of this id and source was there already; then nothing was added.</param>
/// <param name="IsSameBody">For a duplicate: whether type and body are the same, told by the checksum.</param>
public readonly record struct LogAppended(long Sequence, bool IsDuplicate = false, bool IsSameBody = true);
