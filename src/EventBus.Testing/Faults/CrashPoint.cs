namespace EventBus.Testing;

/// <summary>The boundaries at which a process can die. Of each commit there is a moment before, when nothing of it is in the log, and one after, when all of it is and nobody
/// knows yet.</summary>
public enum CrashPoint
{
    /// <summary>A handler is about to be called.</summary>
    BeforeHandler,

    /// <summary>A handler has returned, and its delivery is not settled: its effect is done, and will be done again.</summary>
    AfterHandler,

    /// <summary>A published event is about to be committed.</summary>
    BeforePublish,

    /// <summary>A published event is committed, and its publisher does not know it.</summary>
    AfterPublish,

    /// <summary>The position of a subscription is about to be committed.</summary>
    BeforeCheckpoint,

    /// <summary>The position of a subscription is committed.</summary>
    AfterCheckpoint,

    /// <summary>A delivery that waits for its retry is about to be committed.</summary>
    BeforeRetry,

    /// <summary>A delivery that waits for its retry is committed.</summary>
    AfterRetry,

    /// <summary>A dead letter is about to be committed.</summary>
    BeforeDeadLetter,

    /// <summary>A dead letter is committed.</summary>
    AfterDeadLetter,

    /// <summary>The claim of an idempotent delivery is about to be committed.</summary>
    BeforeClaim,

    /// <summary>The claim of an idempotent delivery is committed, and its handler was not called.</summary>
    AfterClaim,

    /// <summary>The handler of an idempotent delivery has returned, and that is about to be committed.</summary>
    BeforeCompletion,

    /// <summary>It is committed that the handler of an idempotent delivery has returned.</summary>
    AfterCompletion,

    /// <summary>A scheduled event is about to be committed.</summary>
    BeforeSchedule,

    /// <summary>A scheduled event is committed.</summary>
    AfterSchedule,

    /// <summary>A scheduled event is due, and its publication is about to be committed.</summary>
    BeforeActivation,

    /// <summary>A scheduled event is due, and its publication is committed.</summary>
    AfterActivation,

    /// <summary>A dead letter's redrive is about to be committed.</summary>
    BeforeRedrive,

    /// <summary>A dead letter's redrive is committed.</summary>
    AfterRedrive,
}
