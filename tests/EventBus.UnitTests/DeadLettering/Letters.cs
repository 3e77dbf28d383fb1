namespace EventBus.UnitTests.DeadLettering;

internal static class Letters
{
    public static DeadLetter Of(object @event, string subscription = "audit") => new()
    {
        Id = 0,
        Event = @event,
        Metadata = new EventMetadata { Id = "1", Type = "fact", Time = DateTimeOffset.UnixEpoch, CorrelationId = "1", Subscription = subscription, Attempt = 3 },
        Reason = DeadLetterReason.MaxAttemptsExceeded,
        ExceptionType = "System.InvalidOperationException",
        Description = "It does not work.",
        ExceptionText = "System.InvalidOperationException: It does not work.",
        LastAttemptTime = DateTimeOffset.UnixEpoch,
    };
}
