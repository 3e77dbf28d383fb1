using System.Buffers;
using System.Text;
using EventBus.BehaviourTests.Support;
using EventBus.Storage;
using Microsoft.Extensions.Time.Testing;

namespace EventBus.BehaviourTests.Durable;

/// <summary>What stands in the log may be damaged, old, or written by somebody who means harm.</summary>
public sealed class StoredBytesTests : IDisposable
{
    private static readonly TimeSpan s_minute = TimeSpan.FromMinutes(1);

    private readonly InMemoryEventLog _log = new();
    private readonly FakeTimeProvider _clock = new();
    private readonly List<object> _handled = [];

    [Theory]
    [InlineData("{")]
    [InlineData("null")]
    [InlineData("[1]")]
    [InlineData("\u0000")]
    public async Task Bytes_that_are_no_event_become_a_dead_letter_with_the_bytes_and_the_rest_goes_on(string body)
    {
        await WriteAsync("order", body, """{"Code":"b"}""");

        await using var bus = Bus<Order>();
        await bus.StartAsync();
        await bus.WhenSettled();

        var letter = Assert.Single(await bus.DeadLetters.ListAsync());
        Assert.Equal(DeadLetterReason.Unreadable, letter.Reason);
        Assert.Equal(body, Encoding.UTF8.GetString(Assert.IsType<UnreadableEvent>(letter.Event).Body.Span));
        Assert.Equal([new Order("b")], _handled);
    }

    [Fact]
    public async Task Json_that_is_nested_ten_thousand_deep_is_refused_in_both_directions()
    {
        await WriteAsync("nested", string.Concat(Enumerable.Repeat("{\"Inner\":", 10_000)) + "null" + new string('}', 10_000), """{"Inner":null}""");
        var deep = new Nested();
        for (var i = 0; i < 10_000; i++)
            deep = new Nested { Inner = deep };

        await using var bus = Bus<Nested>();
        var error = await Assert.ThrowsAsync<ArgumentException>(async () => await bus.PublishAsync(deep));
        await bus.WhenSettled();

        Assert.Contains("depth", error.Message, StringComparison.OrdinalIgnoreCase);
        Assert.Equal(DeadLetterReason.Unreadable, Assert.Single(await bus.DeadLetters.ListAsync()).Reason);
        Assert.Equal([new Nested()], _handled);
    }

    [Fact]
    public async Task An_event_of_more_than_a_mebibyte_is_refused_and_nobody_gets_it()
    {
        await using var bus = Bus<Order>();
        var largest = new string('x', EventBusBuilder.DefaultMaxEventBytes - """{"Code":""}""".Length);

        var error = await Assert.ThrowsAsync<ArgumentException>(async () => await bus.PublishAsync(new Order(largest + "x")));
        await bus.PublishAsync(new Order(largest));
        await bus.WhenSettled();

        Assert.StartsWith("Event 'order' takes 1048577 bytes in the event log, and the limit is 1048576.", error.Message, StringComparison.Ordinal);
        Assert.Equal([new Order(largest)], _handled);
        Assert.Equal(1, _log.ReadStatistics().Events);
    }

    [Fact]
    public async Task A_type_name_in_the_bytes_or_beside_them_loads_no_type()
    {
        var evil = typeof(Evil).AssemblyQualifiedName!;
        await WriteAsync("order", $$"""{"$type":"{{evil}}","Code":"a"}""", $$"""{"$type":"{{evil}}"}""");
        await WriteAsync(evil, "{}");

        await using var bus = Bus<Order>();
        await bus.StartAsync();
        await bus.WhenSettled();

        Assert.Equal([new Order("a"), new Order(null)], _handled);
        Assert.Equal(evil, Assert.IsType<UnreadableEvent>(Assert.Single(await bus.DeadLetters.ListAsync()).Event).Type);
        Assert.False(Evil.WasMade);
    }

    [Fact]
    public async Task A_damaged_row_becomes_a_dead_letter_of_those_who_want_its_type_and_of_nobody_else()
    {
        await WriteAsync("order", """{"Code":"a"}""");
        Append(Record("order", """{"Code":"b"}""") with { Checksum = 1 });
        var others = new List<Note>();

        await using var bus = Bus<Order>(others: others);
        await bus.PublishAsync(new Note("n"));
        await bus.WhenSettled();

        var letter = Assert.Single(await bus.DeadLetters.ListAsync());
        Assert.Equal(("facts", DeadLetterReason.Unreadable), (letter.Subscription, letter.Reason));
        Assert.Contains("checksum", letter.Description, StringComparison.OrdinalIgnoreCase);
        Assert.Equal([new Note("n")], others);
    }

    [Fact]
    public async Task A_renamed_type_is_read_through_its_alias()
    {
        await WriteAsync("old-order", """{"Code":"a"}""");

        await using var bus = Bus<Order>(static e => e.Alias("old-order"));
        await bus.StartAsync();
        await bus.WhenSettled();

        Assert.Equal([new Order("a")], _handled);
    }

    [Fact]
    public async Task An_unknown_type_is_a_dead_letter_for_those_who_want_a_base_type_and_can_be_redriven_when_it_is_known()
    {
        await WriteAsync("unknown", """{"Code":"a"}""");
        await using (var bus = Bus<Order>())
        {
            await bus.StartAsync();
            await bus.WhenSettled();
            Assert.Contains("Alias", Assert.Single(await bus.DeadLetters.ListAsync()).Description, StringComparison.Ordinal);
        }

        await using var knowing = Bus<Order>(static e => e.Alias("unknown"));
        await knowing.StartAsync();
        Assert.Equal(1, await knowing.DeadLetters.RedriveAsync(new DeadLetterQuery()));
        await knowing.WhenSettled();

        Assert.Equal([new Order("a")], _handled);
        Assert.Empty(await knowing.DeadLetters.ListAsync());
    }

    [Fact]
    public async Task A_newer_version_is_a_dead_letter()
    {
        await using (var newer = Bus<Order>(static e => e.Named("order", version: 2), configure: static s => s.StartPaused()))
            await newer.PublishAsync(new Order("a"));

        await using var bus = Bus<Order>();
        await bus.StartAsync();
        await bus.WhenSettled();

        Assert.Contains("version 2", Assert.Single(await bus.DeadLetters.ListAsync()).Description, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_key_does_not_wait_for_ever_for_an_event_that_cannot_be_read_any_more()
    {
        await using (var bus = Bus<Order>(
            handle: static order => order.Code == "a" ? throw new InvalidOperationException() : order,
            configure: static s => s.OrderedBy(static _ => "key").Retry(RetryPolicy.Fixed(9, s_minute))))
        {
            await bus.PublishAsync(new Order("a"));
            await bus.PublishAsync(new Order("b"));
            await bus.WhenQuiet();
            await bus.StopAsync().AsTask().Soon();
        }

        await using var another = Bus<Order>(configure: static s => s.OrderedBy(static _ => "key"), serializer: new ForgetfulSerializer("\"a\""));
        await another.StartAsync();
        await another.WhenQuiet();
        _clock.Advance(s_minute);
        await another.PublishAsync(new Order("c"));
        await another.WhenSettled();

        Assert.Single(await another.DeadLetters.ListAsync());
        Assert.Equal([new Order("b"), new Order("c")], _handled);
    }

    [Fact]
    public async Task An_unreadable_event_is_buried_later_if_the_log_cannot_be_read_for_a_moment()
    {
        await WriteAsync("order", "{", """{"Code":"b"}""");
        var failed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var log = new FaultyLog(_log);
        var reads = 0;
        // The first read is the page, the second is of the single event that is to be buried.
        log.Fault = (_, call) => call == "Read" && Interlocked.Increment(ref reads) == 2 && failed.TrySetResult() ? FaultyLog.Transient() : null;

        await using var bus = Bus<Order>(log: log);
        await bus.StartAsync();
        await failed.Task.Soon();
        await bus.WhenQuiet();
        _clock.Advance(TimeSpan.FromSeconds(1));
        await bus.WhenSettled();

        Assert.Single(await bus.DeadLetters.ListAsync());
        Assert.Equal([new Order("b")], _handled);
    }

    public void Dispose() => _log.Dispose();

    private static LogRecord Record(string type, string body) => new()
    {
        Id = Guid.NewGuid().ToString(),
        Type = type,
        Time = DateTimeOffset.UnixEpoch,
        Body = Encoding.UTF8.GetBytes(body),
    };

    /// <summary>Writes what some other application would have written.</summary>
    private async Task WriteAsync(string type, params string[] bodies)
    {
        await using var other = new EventBusBuilder().UseEventLog(_log).UseTimeProvider(_clock).UseSerializer(new RawSerializer()).AddEvent<Raw>(e => e.Named(type).Logged()).Build();
        foreach (var body in bodies)
            await other.PublishAsync(new Raw(body));
    }

    private void Append(LogRecord record)
    {
        _log.Open();
        using (var transaction = _log.Begin())
        {
            transaction.Append(record, null);
            transaction.Commit();
        }

        _log.Close(clean: true);
    }

    private IEventBus Bus<T>(
        Action<EventTypeBuilder<T>>? describe = null,
        Func<T, T>? handle = null,
        Action<SubscriptionBuilder<T>>? configure = null,
        IEventSerializer? serializer = null,
        IEventLog? log = null,
        List<Note>? others = null)
        where T : notnull
    {
        var builder = new EventBusBuilder().UseEventLog(log ?? _log).UseTimeProvider(_clock).UseSerializer(serializer ?? new JsonEventSerializer());
        builder.AddEvent<T>(e =>
        {
            e.Named(typeof(T) == typeof(Order) ? "order" : "nested");
            describe?.Invoke(e);
        });
        builder.Handle<T>(
            (@event, _, _) =>
            {
                _handled.Add(handle is null ? @event : handle(@event));
                return default;
            },
            s =>
            {
                s.Named("facts").Durable(LogPosition.Earliest);
                configure?.Invoke(s);
            });
        if (others is not null)
        {
            builder.Handle<Note>(
                (note, _, _) =>
                {
                    others.Add(note);
                    return default;
                },
                static s => s.Named("others").Durable(LogPosition.Earliest));
        }

        return builder.Build();
    }

    internal record Order(string? Code);

    internal record Nested
    {
        public Nested? Inner { get; init; }
    }

    internal sealed record Raw(string Body);

    internal record Note(string Text);

    internal sealed class Evil
    {
        public Evil() => WasMade = true;

        public static bool WasMade { get; private set; }
    }

    [Theory]
    [InlineData(false, "The serializer read nothing where it was asked for a '")]
    [InlineData(true, "The serializer read a 'System.String' where it was asked for a '")]
    public async Task What_a_serializer_reads_as_nothing_or_as_something_else_becomes_a_dead_letter(bool readsText, string problem)
    {
        var log = new InMemoryEventLog();
        await using var bus = new EventBusBuilder()
            .UseEventLog(log)
            .UseSerializer(new OddSerializer(readsText ? "text" : null))
            .Handle<Note>(static (_, _, _) => default, static s => s.Named("notes").Durable().Capacity(1).StartPaused())
            .Build();
        await bus.PublishAsync(new Note("live"));
        await bus.PublishAsync(new Note("read"));

        bus.Subscriptions[0].Resume();
        await bus.WhenSettled();

        var letter = Assert.Single(await bus.DeadLetters.ListAsync());
        Assert.Equal(DeadLetterReason.Unreadable, letter.Reason);
        Assert.StartsWith(problem, letter.Description, StringComparison.Ordinal);
    }

    /// <summary>A serializer that reads its first event, with which it is tried, and then something else than it was asked for.</summary>
    private sealed class OddSerializer(object? read) : IEventSerializer
    {
        private readonly JsonEventSerializer _inner = new();
        private int _reads;

        public bool CanSerialize(Type eventType, out string reason) => _inner.CanSerialize(eventType, out reason);

        public void Serialize(object @event, Type eventType, IBufferWriter<byte> body) => _inner.Serialize(@event, eventType, body);

        public object Deserialize(ReadOnlySpan<byte> body, Type eventType) => Interlocked.Increment(ref _reads) == 1 ? _inner.Deserialize(body, eventType) : read!;
    }

    /// <summary>Writes bytes as they are given.</summary>
    private sealed class RawSerializer : IEventSerializer
    {
        public bool CanSerialize(Type eventType, out string reason)
        {
            reason = "";
            return true;
        }

        public void Serialize(object @event, Type eventType, IBufferWriter<byte> body) => body.Write(Encoding.UTF8.GetBytes(((Raw)@event).Body));

        public object Deserialize(ReadOnlySpan<byte> body, Type eventType) => new Raw(Encoding.UTF8.GetString(body));
    }

    /// <summary>A serializer that cannot read some events any more.</summary>
    private sealed class ForgetfulSerializer(string forgotten) : IEventSerializer
    {
        private readonly JsonEventSerializer _inner = new();

        public bool CanSerialize(Type eventType, out string reason) => _inner.CanSerialize(eventType, out reason);

        public void Serialize(object @event, Type eventType, IBufferWriter<byte> body) => _inner.Serialize(@event, eventType, body);

        public object Deserialize(ReadOnlySpan<byte> body, Type eventType) =>
            Encoding.UTF8.GetString(body).Contains(forgotten, StringComparison.Ordinal) ? throw new FormatException() : _inner.Deserialize(body, eventType);
    }
}
