namespace EventBus.Retrying;

/// <summary>The schedule of Azure Event Grid.</summary>
internal sealed class EventGridRetry : RetryPolicy
{
    /// <summary>Made when it is first asked for, which most processes never do.</summary>
    public static readonly EventGridRetry Instance = new();

    private const int MaxAttempts = 30;
    private const double Jitter = 0.1;

    private static readonly TimeSpan s_timeToLive = TimeSpan.FromHours(24);

    private static readonly TimeSpan[] s_schedule =
    [
        TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(30),
        TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(10), TimeSpan.FromMinutes(30),
        TimeSpan.FromHours(1), TimeSpan.FromHours(3), TimeSpan.FromHours(6), TimeSpan.FromHours(12),
    ];

    public override RetryDecision Decide(in RetryAttempt attempt)
    {
        if (attempt.Attempt >= MaxAttempts)
            return RetryDecision.GiveUp();
        var delay = s_schedule[Math.Min(attempt.Attempt, s_schedule.Length) - 1] * (1 + (Jitter * attempt.Random));
        return attempt.Elapsed + delay > s_timeToLive
            ? RetryDecision.GiveUp(DeadLetterReason.RetryTimeExceeded)
            : RetryDecision.RetryAfter(delay);
    }

    public override string ToString() => "Event Grid's schedule, 30 attempts within 24 hours";
}
