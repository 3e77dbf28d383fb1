using System.Text;
using EventBus.Storage;

namespace EventBus.Sqlite.Tests.Support;

/// <summary>Makes what these tests keep in a log.</summary>
internal static class Facts
{
    public static DateTimeOffset Time { get; } = new(2026, 3, 29, 0, 59, 59, 123, TimeSpan.Zero);

    public static LogRecord Event(string id, string body = "body") => new() { Id = id, Type = "order-placed", Time = Time, Body = Encoding.UTF8.GetBytes(body), Checksum = 7 };

    public static LogRecord Event(string id, int bytes) => Event(id) with { Body = new byte[bytes] };

    public static LogDeadLetter Letter(string id, string subscription) => new()
    {
        Subscription = subscription,
        Record = Event(id),
        Reason = DeadLetterReason.MaxAttemptsExceeded,
        Attempts = 3,
        ExceptionType = "System.InvalidOperationException",
        Description = "It does not work.",
        ExceptionText = "at Here()",
        LastAttemptTime = Time,
    };

    public static IEnumerable<string> Ids(this IEventLog log) => log.Read(0, 100_000).Select(static record => record.Id);
}
