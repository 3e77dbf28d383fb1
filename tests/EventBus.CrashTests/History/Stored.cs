namespace EventBus.CrashTests.History;

/// <summary>What is in the file when everything is settled.</summary>
internal sealed record Stored
{
    public IReadOnlyList<StoredEvent> Events { get; init; } = [];

    public IReadOnlyList<StoredLetter> Letters { get; init; } = [];

    /// <summary>What should not be there any more, in words.</summary>
    public IReadOnlyList<string> Leftovers { get; init; } = [];

    public IReadOnlyList<string> Damage { get; init; } = [];
}

internal sealed record StoredEvent(long Sequence, string Name, string Id);

internal sealed record StoredLetter(string Subscription, string Name, DeadLetterReason Reason, int Attempts);
