using EventBus.Storage;

namespace EventBus.StoreContract;

/// <summary>Makes what the suites keep in a log, and compares it.</summary>
internal static class LogFacts
{
    public static DateTimeOffset Time { get; } = new(2026, 3, 29, 0, 59, 59, 123, TimeSpan.Zero);

    public static LogRecord Event(string id, TimeSpan later = default) => new()
    {
        Id = id,
        Type = "order-placed",
        Time = Time + later,
        Body = new byte[] { 1, 2, 3 },
        Checksum = 7,
    };

    public static LogRecord Given(string id, string? source = null, TimeSpan later = default) => Event(id, later) with { IsIdGiven = true, Source = source };

    public static LogRecord FullEvent(string id) => new()
    {
        Id = id,
        IsIdGiven = true,
        Type = "stock-moved",
        TypeVersion = 3,
        Time = Time,
        Source = "till-3",
        Subject = "order/5",
        Key = "85123A",
        CorrelationId = "visit-7",
        CausationId = "cause",
        Headers = """{"tenant":"a"}""",
        TraceParent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        TraceState = "rojo=00f067aa0ba902b7",
        ExpiresAt = Time.AddDays(1),
        Body = new byte[] { 0, 255, 39 },
        Checksum = uint.MaxValue,
    };

    public static LogDeadLetter Letter(string id, string subscription = "audit", LogRecord? record = null) => new()
    {
        Subscription = subscription,
        Record = record ?? FullEvent(id),
        Reason = DeadLetterReason.RefusedByHandler,
        Attempts = 5,
        ExceptionType = "System.InvalidOperationException",
        Description = "It does not work.",
        ExceptionText = "System.InvalidOperationException: It does not work.\n   at Here()",
        LastAttemptTime = Time.AddMinutes(2),
    };

    public static LogSubscription Subscription(string name, long position = 0) => new() { Name = name, Position = position };

    public static LogDelivery Delivery(long sequence, long deadLetterId = 0) => new() { Sequence = sequence, DeadLetterId = deadLetterId, State = LogDeliveryState.Waiting, Due = Time };

    public static LogScheduledEvent Scheduled(string id, TimeSpan due) => new(Event(id), Time + due, null);

    public static void AssertSame(LogRecord expected, LogRecord actual)
    {
        Assert.Equal(expected.Body.ToArray(), actual.Body.ToArray());
        Assert.Equal(expected with { Body = default }, actual with { Body = default });
    }

    public static void AssertSame(LogDeadLetter expected, LogDeadLetter actual)
    {
        AssertSame(expected.Record, actual.Record);
        Assert.Equal(expected with { Record = actual.Record }, actual);
    }

    public static void AssertSame(LogSubscription expected, LogSubscription actual)
    {
        Assert.Equal(expected.EventTypes, actual.EventTypes);
        Assert.Equal(expected with { EventTypes = actual.EventTypes }, actual);
    }

    public static void AssertSame(LogScheduledEvent expected, LogScheduledEvent? actual)
    {
        Assert.NotNull(actual);
        AssertSame(expected.Record, actual.Record);
        Assert.Equal(expected with { Record = actual.Record }, actual);
    }
}
