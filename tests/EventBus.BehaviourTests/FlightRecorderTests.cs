using EventBus.BehaviourTests.Support;
using EventBus.Lifecycle;
using EventBus.Storage;
using Microsoft.Extensions.Time.Testing;

namespace EventBus.BehaviourTests;

/// <summary>The last of what happened in a bus, and the flow of one conversation.</summary>
public sealed class FlightRecorderTests
{
    private readonly FakeTimeProvider _clock = new(new DateTimeOffset(2026, 5, 4, 12, 0, 0, TimeSpan.Zero));

    [Fact]
    public async Task Without_it_nothing_is_kept()
    {
        await using var bus = new EventBusBuilder().Handle<string>(static (_, _, _) => default).Build();

        await bus.PublishAsync("fact");

        Assert.Null(bus.FlightRecorder);
    }

    [Fact]
    public async Task A_flow_shows_attempts_retries_dead_letters_and_what_followed()
    {
        await using var bus = Shop();

        await bus.PublishAsync(new Placed("536365"), new PublishOptions { Id = "order" });
        await AtRestAsync(bus);
        _clock.Advance(TimeSpan.FromSeconds(1));
        await AtRestAsync(bus);

        var flow = bus.FlightRecorder!.Flow("order");
        var taken = flow.Entries.First(static entry => entry.EventType == "taken").EventId;
        Assert.Equal(
            $"""
            placed order at 12:00:00.000
            ├─ audit: handled
            ├─ pay: handled
            ├─ stock: dead-lettered: System.TimeoutException
            │     attempt 1 at 12:00:00.000: failed: System.TimeoutException; again in 1 s
            │     attempt 2 at 12:00:01.000: dead-lettered: System.TimeoutException
            └─ taken {taken} at 12:00:00.000 by pay
               └─ mail: handled
            """.ReplaceLineEndings(),
            Sorted(flow.ToString()));
    }

    [Fact]
    public async Task It_shows_as_a_sequence_diagram_too()
    {
        await using var bus = Shop();

        await bus.PublishAsync(new Placed("536365"), new PublishOptions { Id = "order" });
        await AtRestAsync(bus);
        _clock.Advance(TimeSpan.FromSeconds(1));
        await AtRestAsync(bus);

        var diagram = bus.FlightRecorder!.Flow("order").ToMermaid().Split('\n');
        Assert.Equal("sequenceDiagram", diagram[0]);
        Assert.Equal("    participant p0 as publisher", diagram[1]);
        var (stock, pay, mail, dead) = (Id("stock"), Id("pay"), Id("mail"), Id("dead letters"));
        Assert.Contains($"    p0->>{stock}: placed", diagram);
        Assert.Contains($"    {pay}->>{mail}: taken", diagram);
        Assert.Contains($"    Note over {stock}: placed failed: System.TimeoutException#59; again in 1 s", diagram);
        Assert.Contains($"    Note over {stock}: placed, attempt 2, dead-lettered: System.TimeoutException", diagram);
        Assert.Contains($"    {stock}-x{dead}: placed", diagram);

        string Id(string participant) => diagram.Single(line => line.EndsWith($" as {participant}", StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[1];
    }

    [Fact]
    public async Task What_was_scheduled_stands_under_what_led_to_it()
    {
        await using var bus = new EventBusBuilder().UseFlightRecorder().UseTimeProvider(_clock)
            .Handle<string>(static async (_, context, token) => await context.Publisher.ScheduleAsync(7, TimeSpan.FromMinutes(1), new PublishOptions { Id = "reminder" }, token), static s => s.Named("plan"))
            .Handle<int>(static (_, _, _) => default, static s => s.Named("remind"))
            .Build();
        await bus.PublishAsync("fact", new PublishOptions { Id = "root" });
        await AtRestAsync(bus);

        _clock.Advance(TimeSpan.FromMinutes(1));
        await AtRestAsync(bus);

        var flow = bus.FlightRecorder!.Flow("root");
        Assert.Contains("└─ System.Int32 ", flow.ToString(), StringComparison.Ordinal);
        Assert.Contains("at 12:01:00.000", flow.ToString(), StringComparison.Ordinal);
        Assert.Contains("as published later", flow.ToMermaid(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Durable_and_inline_subscriptions_and_streams_are_in_it()
    {
        await using var bus = new EventBusBuilder().UseFlightRecorder().UseTimeProvider(_clock).UseEventLog(static _ => new InMemoryEventLog())
            .Handle<string>(static (_, _, _) => default, static s => s.Named("kept").Durable())
            .Handle<string>(static (_, _, _) => throw new FormatException("no"), static s => s.Named("inline").Inline())
            .Build();
        await using var reader = bus.StreamAsync<string>().GetAsyncEnumerator();

        await Assert.ThrowsAsync<FormatException>(async () => await bus.PublishAsync("fact", new PublishOptions { Id = "f" }));
        await AtRestAsync(bus);

        var entries = bus.FlightRecorder!.Flow("f").Entries;
        Assert.Contains(entries, static entry => entry is { Kind: FlightEntryKind.Handled, Subscription: "kept", Sequence: 1 });
        Assert.Contains(entries, static entry => entry is { Kind: FlightEntryKind.Failed, Subscription: "inline", ExceptionType: "System.FormatException" });
        Assert.Contains(entries, static entry => entry is { Kind: FlightEntryKind.Handled, Subscription: "System.String-stream-1" });
        Assert.Contains(entries, static entry => entry is { Kind: FlightEntryKind.PublishFailed, ExceptionType: "System.FormatException" });
    }

    [Fact]
    public async Task What_is_refused_dropped_filtered_and_expired_is_told_apart()
    {
        var held = new HeldHandler();
        await using var bus = new EventBusBuilder().UseFlightRecorder().UseTimeProvider(_clock)
            .Handle<string>((_, _, _) => held.HoldAsync(), static s => s.Named("full").Capacity(1).WhenFull(QueueFullMode.Reject))
            .Handle<string>(static (_, _, _) => default, static s => s.Named("picky").Where(static _ => false))
            .Handle<int>(static (_, _, _) => default, static s => s.Named("late").StartPaused())
            .Build();
        await bus.PublishAsync("one");
        await held.Entered;
        await bus.PublishAsync("two");
        await Assert.ThrowsAsync<QueueFullException>(async () => await bus.PublishAsync("three", new PublishOptions { Id = "three" }));
        await bus.PublishAsync(1, new PublishOptions { TimeToLive = TimeSpan.FromSeconds(1) });
        _clock.Advance(TimeSpan.FromSeconds(2));
        bus.Subscriptions.Single(static each => each.Name == "late").Resume();
        held.Open();
        await AtRestAsync(bus);

        var counts = bus.FlightRecorder!.Entries.GroupBy(static entry => (entry.Kind, entry.Subscription ?? "")).ToDictionary(static group => group.Key, static group => group.Count());
        Assert.Contains("─ full: not accepted", bus.FlightRecorder.Flow("three").ToString(), StringComparison.Ordinal);
        Assert.Contains("its publisher got EventBus.QueueFullException", bus.FlightRecorder.Flow("three").ToString(), StringComparison.Ordinal);
        Assert.Equal(2, counts[(FlightEntryKind.Handled, "full")]);
        Assert.Equal(3, counts[(FlightEntryKind.Filtered, "picky")]);
        Assert.Equal(1, counts[(FlightEntryKind.Expired, "late")]);
        Assert.Equal(1, counts[(FlightEntryKind.PublishFailed, "")]);
    }

    [Fact]
    public async Task A_publisher_that_waited_for_room_is_no_failure()
    {
        var held = new HeldHandler();
        await using var bus = new EventBusBuilder().UseFlightRecorder()
            .Handle<string>((_, _, _) => held.HoldAsync(), static s => s.Named("full").Capacity(1))
            .Build();
        await bus.PublishAsync("one");
        await held.Entered;
        await bus.PublishAsync("two");
        var waits = bus.PublishAsync("three", new PublishOptions { Id = "three" });
        Assert.False(waits.IsCompleted);

        held.Open();
        await waits.AsTask().Soon();
        await AtRestAsync(bus);

        var text = bus.FlightRecorder!.Flow("three").ToString();
        Assert.DoesNotContain("not accepted", text, StringComparison.Ordinal);
        Assert.Contains("full: handled", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task It_keeps_the_last_and_says_where_what_led_to_something_is_forgotten()
    {
        await using var bus = new EventBusBuilder().UseFlightRecorder(capacity: 3)
            .Handle<string>(static async (_, context, token) => await context.Publisher.PublishAsync(7, token))
            .Handle<int>(static (_, _, _) => default, static s => s.Named("last"))
            .Build();

        await bus.PublishAsync("fact", new PublishOptions { Id = "root" });
        await AtRestAsync(bus);
        var recorder = bus.FlightRecorder!;
        Assert.Equal((3, 6L), (recorder.Capacity, recorder.Recorded));
        Assert.Equal([4L, 5L, 6L], recorder.Entries.Select(static entry => entry.Number));
        await bus.PublishAsync(1);
        await AtRestAsync(bus);

        Assert.Equal("Nothing of conversation 'root' is kept.", recorder.Flow("root").ToString());
        Assert.All(recorder.Entries, static entry => Assert.Equal("System.Int32", entry.EventType));
    }

    [Fact]
    public async Task An_event_that_is_said_to_have_led_to_itself_or_whose_cause_is_unknown_is_shown_all_the_same()
    {
        await using var bus = new EventBusBuilder().UseFlightRecorder().Handle<string>(static (_, _, _) => default).Build();

        await bus.PublishAsync("one", new PublishOptions { Id = "a", CausationId = "a", CorrelationId = "c" });
        await bus.PublishAsync("two", new PublishOptions { Id = "b", CausationId = "elsewhere", CorrelationId = "c" });
        await AtRestAsync(bus);

        var text = bus.FlightRecorder!.Flow("c").ToString();
        Assert.Contains("System.String a at", text, StringComparison.Ordinal);
        Assert.Contains("System.String b at", text, StringComparison.Ordinal);
        Assert.Contains("after elsewhere, which is not kept", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_chain_of_thousands_is_written_without_end_of_stack_or_memory()
    {
        await using var bus = new EventBusBuilder().UseFlightRecorder(100_000)
            .Handle<int>(static async (left, context, token) =>
            {
                if (left > 0)
                    await context.Publisher.PublishAsync(left - 1, token);
            }, static s => s.Named("chain"))
            .Build();

        await bus.PublishAsync(5_000, new PublishOptions { Id = "root" });
        await AtRestAsync(bus);

        var flow = bus.FlightRecorder!.Flow("root");
        Assert.Equal(3 * 5_001, flow.Entries.Count);
        Assert.InRange(flow.ToString().Length, 100_000, 5_000_000);
        Assert.StartsWith("sequenceDiagram", flow.ToMermaid(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nothing_of_the_event_nor_of_an_exceptions_text_is_kept()
    {
        await using var bus = new EventBusBuilder().UseFlightRecorder().UseTimeProvider(_clock)
            .Handle<string>(static (secret, _, _) => throw new InvalidOperationException(secret), static s => s.Retry(RetryPolicy.None))
            .Build();

        await bus.PublishAsync("very secret", new PublishOptions { Id = "root", Key = "very secret", Subject = "very secret", Headers = new Dictionary<string, string> { ["h"] = "very secret" } });
        await AtRestAsync(bus);

        var flow = bus.FlightRecorder!.Flow("root");
        Assert.NotEmpty(flow.Entries);
        Assert.DoesNotContain("very secret", string.Join('\n', flow.Entries) + flow + flow.ToMermaid(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Many_may_write_and_ask_at_once()
    {
        await using var bus = new EventBusBuilder().UseFlightRecorder(64).Handle<int>(static (_, _, _) => default, static s => s.Concurrency(2).Capacity(20_000)).Build();
        using var stop = new CancellationTokenSource();
        var asking = Task.Run(() =>
        {
            var asked = 0;
            for (; !stop.IsCancellationRequested || asked == 0; asked++)
            {
                var entries = bus.FlightRecorder!.Entries;
                Assert.True(entries.Count <= 64);
                Assert.Equal(entries.Count, entries.Select(static entry => entry.Number).Distinct().Count());
                _ = entries.Count == 0 ? "" : bus.FlightRecorder.Flow(entries[0].CorrelationId).ToString();
            }
        });

        await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => Task.Run(async () =>
        {
            for (var i = 0; i < 3_000; i++)
                await bus.PublishAsync(i);
        }))).Soon();
        await AtRestAsync(bus);
        await stop.CancelAsync();
        await asking.Soon();

        Assert.Equal(3 * 9_000, bus.FlightRecorder!.Recorded);
        Assert.Equal(Enumerable.Range(27_000 - 63, 64).Select(static number => (long)number), bus.FlightRecorder.Entries.Select(static entry => entry.Number));
    }

    [Fact]
    public void Its_capacity_has_bounds()
    {
        Assert.Throws<ArgumentOutOfRangeException>(static () => new EventBusBuilder().UseFlightRecorder(0));
        Assert.Throws<ArgumentOutOfRangeException>(static () => new EventBusBuilder().UseFlightRecorder(EventBusBuilder.MaxFlightRecorderCapacity + 1));
    }

    // What is settled is counted, and then recorded: a worker that has gone to sleep has done both.
    private static async Task AtRestAsync(IEventBus bus)
    {
        await bus.WhenQuiet();
        await ((Bus)bus).Idle.WhenAsync(() => !((Bus)bus).Unfinished.AnyRunning()).Soon();
    }

    // Which of several handlers comes first is nobody's promise.
    private static string Sorted(string tree)
    {
        var lines = tree.Split(Environment.NewLine);
        var branches = new List<List<string>>();
        foreach (var line in lines.Skip(1))
        {
            if (line[0] is '├' or '└')
                branches.Add([line[3..]]);
            else
                branches[^1].Add(line[3..]);
        }

        var sorted = branches.OrderBy(static branch => branch[0], StringComparer.Ordinal).ToList();
        var text = new List<string> { lines[0] };
        for (var i = 0; i < sorted.Count; i++)
        {
            var isLast = i == sorted.Count - 1;
            text.Add((isLast ? "└─ " : "├─ ") + sorted[i][0]);
            text.AddRange(sorted[i].Skip(1).Select(line => (isLast ? "   " : "│  ") + line));
        }

        return string.Join(Environment.NewLine, text);
    }

    private IEventBus Shop() => new EventBusBuilder().UseFlightRecorder().UseTimeProvider(_clock).UseSeed(1)
        .Handle<Placed>(static (_, _, _) => throw new TimeoutException("slow"), static s => s.Named("stock").Retry(RetryPolicy.Fixed(2, TimeSpan.FromSeconds(1))))
        .Handle<Placed>(static async (order, context, token) => await context.Publisher.PublishAsync(new Taken(order.Number), token), static s => s.Named("pay"))
        .Handle<Placed>(static (_, _, _) => default, static s => s.Named("audit").Inline())
        .Handle<Taken>(static (_, _, _) => default, static s => s.Named("mail"))
        .Build();

    [EventType("placed")]
    private sealed record Placed(string Number);

    [EventType("taken")]
    private sealed record Taken(string Number);
}
