namespace EventBus;

/// <summary>Chooses dead letters. All conditions must hold; none chooses all.</summary>
public sealed record DeadLetterQuery
{
    /// <summary>Only those of this subscription.</summary>
    public string? Subscription { get; init; }

    /// <summary>Only those whose event has this type name.</summary>
    public string? EventType { get; init; }

    /// <summary>Only those given up for this reason.</summary>
    public DeadLetterReason? Reason { get; init; }

    /// <summary>Only those of this conversation.</summary>
    public string? CorrelationId { get; init; }

    /// <summary>Whether a dead letter is chosen.</summary>
    public bool Matches(DeadLetter letter)
    {
        ArgumentNullException.ThrowIfNull(letter);
        return (Subscription is null || Subscription == letter.Subscription)
            && (EventType is null || EventType == letter.Metadata.Type)
            && (Reason is null || Reason == letter.Reason)
            && (CorrelationId is null || CorrelationId == letter.Metadata.CorrelationId);
    }
}
