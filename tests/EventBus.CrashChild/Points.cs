namespace EventBus.CrashChild;

/// <summary>The boundaries at which a process can die, by name.</summary>
public static class Points
{
    public const string PublishUncommitted = "publish, before its commit";
    public const string PublishCommitted = "publish, committed and not acknowledged";
    public const string PublishAcknowledged = "publish, acknowledged and not dispatched";
    public const string ClaimUncommitted = "claim, before its commit";
    public const string ClaimCommitted = "claim, committed and the handler not called";
    public const string InHandler = "in the handler";
    public const string EffectDone = "effect done and not completed";
    public const string CompletionUncommitted = "completion, before its commit";
    public const string CompletionCommitted = "completed, before the checkpoint";
    public const string CheckpointUncommitted = "checkpoint, before its commit";
    public const string CheckpointCommitted = "checkpoint, after its commit";
    public const string RetryUncommitted = "parking for a retry, before its commit";
    public const string RetryCommitted = "parking for a retry, after its commit";
    public const string DeadLetterUncommitted = "move to the dead letters, before its commit";
    public const string DeadLetterCommitted = "move to the dead letters, after its commit";
    public const string ScheduleUncommitted = "scheduling, before its commit";
    public const string ScheduleCommitted = "scheduling, after its commit";
    public const string ActivationUncommitted = "activation of a scheduled event, before its commit";
    public const string ActivationCommitted = "activation of a scheduled event, after its commit";
    public const string AttemptUncommitted = "careful attempt, before its commit";
    public const string AttemptCommitted = "careful attempt, committed and not begun";
    public const string RedriveUncommitted = "redrive, before its commit";
    public const string RedriveCommitted = "redrive, after its commit";
    public const string Opened = "log opened, before anything else";
    public const string Closing = "log about to be closed";
    public const string Hanging = "handlers that do not return";
    public const string SometimeInCommit = "some time in a commit";

    /// <summary>Those that the first life of a file comes to.</summary>
    public static IReadOnlyList<string> OfAnyLife { get; } =
    [
        PublishUncommitted, PublishCommitted, PublishAcknowledged, ClaimUncommitted, ClaimCommitted, InHandler, EffectDone, CompletionUncommitted, CompletionCommitted,
        CheckpointUncommitted, CheckpointCommitted, RetryUncommitted, RetryCommitted, DeadLetterUncommitted, DeadLetterCommitted, ScheduleUncommitted, ScheduleCommitted,
        ActivationUncommitted, ActivationCommitted, Opened, Closing, SometimeInCommit,
    ];

    /// <summary>Those that a life after a crash comes to, or one that redrives.</summary>
    public static IReadOnlyList<string> OfLaterLives { get; } = [AttemptUncommitted, AttemptCommitted, RedriveUncommitted, RedriveCommitted];
}
