namespace EventBus.Storage;

/// <summary>What became of a dead letter that was given to a store.</summary>
/// <param name="Kept">The letter with the id it was given.</param>
/// <param name="Evicted">The letters that were removed to make room; usually none.</param>
public readonly record struct DeadLetterAddition(DeadLetter Kept, IReadOnlyList<DeadLetter> Evicted);
