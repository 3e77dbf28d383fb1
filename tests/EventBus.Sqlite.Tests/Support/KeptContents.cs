using System.Text;
using EventBus.Storage;

namespace EventBus.Sqlite.Tests.Support;

/// <summary>What the kept files hold: something of everything that a log keeps.</summary>
internal static class KeptContents
{
    private static readonly IdempotencyKey s_completed = new("stock", "a");
    private static readonly IdempotencyKey s_claimed = new("stock", "b");
    private static readonly IdempotencyKey s_completedEvent = new("stock", "c") { EventType = "order-placed", Source = "till" };

    private static LogRecord Full { get; } = new()
    {
        Id = "a",
        IsIdGiven = true,
        Type = "order-placed",
        TypeVersion = 2,
        Time = Facts.Time,
        Source = "till",
        Subject = "order/5",
        Key = "85123A \U0001F389 \uD800",
        CorrelationId = "visit",
        CausationId = "cause",
        Headers = """{"tenant":"a"}""",
        TraceParent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        TraceState = "rojo=00f067aa0ba902b7",
        ExpiresAt = Facts.Time.AddDays(1),
        Body = Encoding.UTF8.GetBytes("""{"total":5}"""),
        Checksum = 3_000_000_000,
    };

    private static LogSubscription Stock { get; } = new() { Name = "stock", Position = 3, Generation = 1, ReplayEnd = 2, EventTypes = ["order-placed", "order-cancelled"] };

    private static LogDelivery Waiting { get; } = new() { Sequence = 2, DeadLetterId = 1, Key = "k", Attempts = 3, State = LogDeliveryState.Waiting, Due = Facts.Time, Wait = TimeSpan.FromTicks(12345) };

    private static LogDeadLetter Letter { get; } = Facts.Letter("a", "stock") with { Record = Full with { Sequence = 1 }, Reason = DeadLetterReason.NotRetried, IsSuperseded = true };

    private static LogScheduledEvent Later { get; } = new(Full with { Id = "later" }, Facts.Time.AddDays(1), TimeSpan.FromMinutes(5));

    public static void Write(string path)
    {
        using var log = new SqliteEventLog($"Data Source={path}");
        log.Open();
        using (var transaction = log.Begin())
        {
            transaction.Append(Full, null);
            transaction.Append(Facts.Event("b"), null);
            transaction.Append(Facts.Event("c"), null);
            transaction.Append(Facts.Event("removed"), null);
            transaction.SaveSubscription(Stock);
            transaction.SaveDelivery("stock", Waiting);
            transaction.AddDeadLetter(Letter);
            transaction.MarkDeadLetter(transaction.AddDeadLetter(Facts.Letter("b", "stock")), isRedriven: true);
            transaction.AddScheduled(Later);
            transaction.CompleteClaim(s_completed, transaction.Claim(s_completed, TimeSpan.FromMinutes(1), Facts.Time).Token, TimeSpan.MaxValue, Facts.Time);
            transaction.CompleteClaim(s_completedEvent, transaction.Claim(s_completedEvent, TimeSpan.FromMinutes(1), Facts.Time).Token, TimeSpan.MaxValue, Facts.Time);
            transaction.Claim(s_claimed, TimeSpan.FromMinutes(1), Facts.Time);
            transaction.Commit();
        }

        log.Close(clean: true);
        using (var connection = OpenFile.Connect(path))
            connection.Run("DELETE FROM events WHERE id = 'removed'; PRAGMA wal_checkpoint(TRUNCATE)");
    }

    /// <param name="log">The log.</param>
    /// <param name="version">The version of the schema in which the file was written.</param>
    public static void Check(IEventLog log, int version)
    {
        var events = log.Read(0, 10);
        Assert.Equal(["a", "b", "c"], events.Select(static record => record.Id));
        Same(KnownIn(version, Full with { Sequence = 1 }), events[0]);

        var stock = Assert.Single(log.ReadSubscriptions());
        Assert.Equal(Stock.EventTypes, stock.EventTypes);
        Assert.Equal(Stock with { EventTypes = stock.EventTypes }, stock);
        Assert.Equal(Waiting, Assert.Single(log.ReadDeliveries("stock")));

        var letter = Assert.Single(log.ReadDeadLetters(new(), 0, 10));
        Same(KnownIn(version, Letter.Record), letter.Record);
        Assert.Equal(Letter with { Id = 1, Record = letter.Record }, letter);
        Assert.Equal("b", log.ReadDeadLetter(2)?.Record.Id);

        var later = Assert.Single(log.ReadScheduled(10));
        Same(KnownIn(version, Later.Record), later.Record);
        Assert.Equal((Later.Due, Later.TimeToLive), (later.Due, later.TimeToLive));

        Assert.Equal((3, 4, 2, 1), (log.ReadStatistics().Events, log.ReadStatistics().Head, log.ReadStatistics().DeadLetters, log.ReadStatistics().Scheduled));
        Assert.Empty(log.CheckIntegrity());
        using var transaction = log.Begin();
        Assert.Equal(IdempotencyClaim.Completed(), transaction.Claim(s_completed, TimeSpan.FromMinutes(1), Facts.Time.AddYears(5)));
        Assert.Equal(IdempotencyClaim.HeldByAnother(TimeSpan.FromMinutes(1)), transaction.Claim(s_claimed, TimeSpan.FromMinutes(1), Facts.Time));

        // Before version 3 a key did not say whether it was an event's id.
        Assert.Equal(version < 3, IsCompleted(s_completed with { EventType = "order-placed", Source = "till" }));
        Assert.False(IsCompleted(s_claimed with { EventType = "order-placed" }));
        Assert.Equal(version >= 3, IsCompleted(s_completedEvent));
        Assert.False(IsCompleted(s_completedEvent with { Source = null }));

        bool IsCompleted(IdempotencyKey key) => transaction.Claim(key, TimeSpan.FromMinutes(1), Facts.Time).Status == IdempotencyClaimStatus.Completed;
    }

    // What the schema of that time had no place for.
    private static LogRecord KnownIn(int version, LogRecord record) => version < 2 ? record with { TraceParent = null, TraceState = null } : record;

    private static void Same(LogRecord expected, LogRecord actual)
    {
        Assert.Equal(expected.Body.ToArray(), actual.Body.ToArray());
        Assert.Equal(expected with { Body = default }, actual with { Body = default });
    }
}
