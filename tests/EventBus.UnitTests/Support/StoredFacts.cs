using EventBus.Storage;

namespace EventBus.UnitTests.Support;

/// <summary>What a log keeps, of the fewest facts.</summary>
internal static class StoredFacts
{
    public static LogRecord Event(string id) => new() { Id = id, Type = "fact", Time = DateTimeOffset.UnixEpoch, Body = new byte[] { 1 } };

    public static LogDeadLetter Letter(string subscription, string id) => new()
    {
        Subscription = subscription,
        Record = Event(id),
        Reason = DeadLetterReason.RefusedByHandler,
        Attempts = 1,
        ExceptionType = "System.Exception",
        Description = "It does not work.",
        ExceptionText = "",
        LastAttemptTime = DateTimeOffset.UnixEpoch,
    };
}
