namespace EventBus.Storage;

/// <summary>The answer to a claim.</summary>
public readonly record struct IdempotencyClaim
{
    private IdempotencyClaim(IdempotencyClaimStatus status, long token, TimeSpan heldFor)
    {
        Status = status;
        Token = token;
        HeldFor = heldFor;
    }

    /// <summary>The answer.</summary>
    public IdempotencyClaimStatus Status { get; }

    /// <summary>Where the claim was won: the owner token, different for each claim won.</summary>
    public long Token { get; }

    /// <summary>Where another holds it: how long its lease still runs.</summary>
    public TimeSpan HeldFor { get; }

    /// <summary>The claim was won.</summary>
    public static IdempotencyClaim Won(long token) => new(IdempotencyClaimStatus.Won, token, default);

    /// <summary>The delivery was completed before.</summary>
    public static IdempotencyClaim Completed() => new(IdempotencyClaimStatus.Completed, default, default);

    /// <summary>Another holds the claim.</summary>
    public static IdempotencyClaim HeldByAnother(TimeSpan heldFor) => new(IdempotencyClaimStatus.HeldByAnother, default, heldFor);
}

/// <summary>The ways a claim can be answered.</summary>
public enum IdempotencyClaimStatus
{
    /// <summary>The caller may handle the delivery.</summary>
    Won,

    /// <summary>The delivery was handled before; it is skipped.</summary>
    Completed,

    /// <summary>Another is handling the delivery; it is tried again later, and never settled by this answer.</summary>
    HeldByAnother,
}
