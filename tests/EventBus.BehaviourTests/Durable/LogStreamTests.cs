using EventBus.BehaviourTests.Support;
using EventBus.Storage;
using Microsoft.Extensions.Time.Testing;
using static EventBus.StoreContract.LogStreams;

namespace EventBus.BehaviourTests.Durable;

/// <summary>Streams that begin in the event log, and go on live.</summary>
public sealed class LogStreamTests : IDisposable
{
    private readonly InMemoryEventLog _log = new();

    [Fact]
    public async Task It_gives_what_the_log_has_from_there_on_and_then_what_is_published()
    {
        await using var bus = Bus();
        await bus.PublishAsync(new Fact(1), new PublishOptions { Subject = "s" });
        await bus.PublishAsync(new Fact(2));
        await using var all = Stream<Fact>(bus, LogPosition.Earliest);
        await using var second = Stream<Fact>(bus, LogPosition.Sequence(2));
        await using var fresh = Stream<Fact>(bus, LogPosition.Latest);

        await bus.PublishAsync(new Fact(3));

        var first = await NextAsync(all);
        Assert.Equal((new Fact(1), "s", 1L, "EventBus.BehaviourTests.Durable.LogStreamTests+Fact-stream-1"), (first.Event, first.Metadata.Subject, first.Metadata.Sequence, first.Metadata.Subscription));
        Assert.Equal([2L, 3L], await SequencesAsync(all, 2));
        Assert.Equal([2L, 3L], await SequencesAsync(second, 2));
        Assert.Equal([3L], await SequencesAsync(fresh, 1));
    }

    [Fact]
    public async Task Live_it_gives_the_instance_that_was_published()
    {
        await using var bus = Bus();
        await bus.StartAsync();
        await using var reader = Stream<Fact>(bus, LogPosition.Latest);
        var next = NextAsync(reader);
        await bus.EventLog.GetStatisticsAsync();
        var published = new Fact(1);

        await bus.PublishAsync(published);

        Assert.Same(published, (await next).Event);
    }

    [Fact]
    public async Task It_gives_what_is_in_the_log_and_nothing_else()
    {
        await using var bus = Bus();
        await bus.StartAsync();
        await using var reader = Stream<object>(bus, LogPosition.Latest);

        await bus.PublishAsync("not logged");
        await bus.PublishAsync(new Fact(1));
        await bus.PublishManyAsync([new Other(2), new Other(3)]);

        Assert.Equal(new object[] { new Fact(1), new Other(2), new Other(3) }, new[] { (await NextAsync(reader)).Event, (await NextAsync(reader)).Event, (await NextAsync(reader)).Event });
    }

    [Fact]
    public async Task A_slow_reader_gets_from_the_log_what_memory_had_no_room_for()
    {
        await using var bus = Bus();
        await bus.StartAsync();
        await using var reader = Stream<Fact>(bus, LogPosition.Latest, capacity: 2);
        var first = NextAsync(reader);

        for (var i = 1; i <= 100; i++)
            await bus.PublishAsync(new Fact(i));

        Assert.Equal(1, (await first).Metadata.Sequence);
        Assert.True(bus.Subscriptions[0].Statistics.Lag > 90);
        Assert.Equal(Enumerable.Range(2, 99).Select(static number => (long)number), await SequencesAsync(reader, 99));
        var statistics = bus.Subscriptions[0].Statistics;
        Assert.Equal((100, 100, 0, 0), (statistics.Accepted, statistics.Handled, statistics.Dropped, statistics.Lag));
    }

    [Fact]
    public async Task A_sealed_type_reads_past_all_others_and_catches_up()
    {
        await using var bus = Bus();
        for (var i = 0; i < 700; i++)
            await bus.PublishAsync(new Other(i));
        await bus.PublishAsync(new Fact(1));
        await using var reader = Stream<Fact>(bus, LogPosition.Earliest);

        Assert.Equal([701L], await SequencesAsync(reader, 1));
        await bus.PublishAsync(new Other(8));
        await bus.PublishAsync(new Fact(2));

        Assert.Equal([703L], await SequencesAsync(reader, 1));
    }

    [Fact]
    public async Task It_ends_with_the_bus_and_whoever_goes_on_from_the_next_sequence_misses_nothing()
    {
        await using var bus = Bus();
        await bus.StartAsync();
        var reader = Stream<Fact>(bus, LogPosition.Earliest);
        await bus.PublishAsync(new Fact(1));
        var last = (await NextAsync(reader)).Metadata.Sequence!.Value;
        await bus.PublishAsync(new Fact(2));

        await bus.StopAsync().AsTask().Soon();
        while (await reader.MoveNextAsync().AsTask().Soon())
            last = reader.Current.Metadata.Sequence!.Value;
        await reader.DisposeAsync();
        Assert.Throws<EventBusStoppedException>(() => Stream<Fact>(bus, LogPosition.Earliest));
        await bus.StartAsync();
        await bus.PublishAsync(new Fact(3));
        await using var again = Stream<Fact>(bus, LogPosition.Sequence(last + 1));

        Assert.Equal(3, (await NextAsync(again)).Metadata.Sequence);
        Assert.Single(bus.Subscriptions);
    }

    [Fact]
    public async Task What_was_scheduled_comes_when_it_is_due_among_what_is_published()
    {
        var clock = new FakeTimeProvider();
        await using var bus = Configure(new EventBusBuilder().UseTimeProvider(clock)).Build();
        await bus.StartAsync();
        await using var reader = Stream<Fact>(bus, LogPosition.Latest);
        await bus.ScheduleAsync(new Fact(2), TimeSpan.FromMinutes(1));
        await bus.PublishAsync(new Fact(1));
        Assert.Equal(1, (await NextAsync(reader)).Event.Number);
        var next = NextAsync(reader);
        await bus.EventLog.GetStatisticsAsync();

        clock.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(2, (await next).Event.Number);
        await bus.PublishAsync(new Fact(3));

        Assert.Equal(3, (await NextAsync(reader)).Event.Number);
    }

    [Fact]
    public async Task An_event_whose_bytes_cannot_be_turned_into_one_is_passed_over_counted_and_told_of()
    {
        await using (var bus = Bus())
        {
            await bus.PublishAsync(new Fact(1));
            await bus.PublishAsync(new Fact(13));
            await bus.PublishAsync(new Fact(3));
        }

        var told = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var lines = new SignallingLog(static line => line.Contains("Stream EventBus.BehaviourTests.Durable.LogStreamTests+Fact-stream-1 passed over event 2 of the log", StringComparison.Ordinal), told);
        await using var provider = new ServiceCollectionWithLog(lines).Build(builder => Configure(builder).UseSerializer(new Superstitious()));
        await provider.Bus.StartAsync();
        await using var reader = Stream<Fact>(provider.Bus, LogPosition.Earliest);
        await using var all = Stream<object>(provider.Bus, LogPosition.Sequence(2));

        var (first, second) = (await NextAsync(reader), await NextAsync(reader));

        await told.Task.Soon();
        Assert.Equal((1, 0L, 3, 1L), (first.Event.Number, first.Missed, second.Event.Number, second.Missed));
        Assert.Equal(1, provider.Bus.Subscriptions[0].Statistics.Dropped);
        Assert.IsType<UnreadableEvent>((await NextAsync(all)).Event);
    }

    [Fact]
    public async Task A_live_stream_does_not_pass_in_silence_what_was_scheduled_and_cannot_be_read()
    {
        var clock = new FakeTimeProvider();
        await using (var before = Configure(new EventBusBuilder().UseTimeProvider(clock)).Build())
        {
            await before.StartAsync();
            await before.ScheduleAsync(new Fact(13), TimeSpan.FromMinutes(1));
        }

        var told = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var lines = new SignallingLog(static line => line.Contains("passed over event 1 of the log", StringComparison.Ordinal), told);
        await using var provider = new ServiceCollectionWithLog(lines).Build(builder => Configure(builder.UseTimeProvider(clock)).UseSerializer(new Superstitious()));
        var bus = provider.Bus;
        await bus.StartAsync();
        await using var reader = Stream<Fact>(bus, LogPosition.Latest);
        var next = NextAsync(reader);
        await bus.EventLog.GetStatisticsAsync();

        // What is scheduled is loaded in the start's own time.
        await lines.AdvanceUntilAsync(clock, TimeSpan.FromMinutes(1), told.Task);
        await bus.PublishAsync(new Fact(3));

        Assert.Equal((3, 1L), ((await next).Event.Number, (await next).Missed));
    }

    [Fact]
    public async Task A_log_that_cannot_be_read_ends_it_with_that_error()
    {
        var faulty = new FaultyLog(_log) { Fault = static (_, call) => call == "Read" ? FaultyLog.Fatal() : null };
        await using var bus = new EventBusBuilder().UseEventLog(faulty).AddEvent<Fact>(static e => e.Logged()).Build();
        await bus.StartAsync();
        await using var reader = Stream<Fact>(bus, LogPosition.Earliest);

        await Assert.ThrowsAsync<EventLogException>(async () => await reader.MoveNextAsync().AsTask().Soon());
    }

    [Fact]
    public async Task A_log_that_fails_for_good_ends_it_with_that_error_after_what_it_has()
    {
        var fails = false;
        var faulty = new FaultyLog(_log) { Fault = (_, call) => fails && call == "Commit" ? FaultyLog.Fatal() : null };
        await using var bus = new EventBusBuilder().UseEventLog(faulty).AddEvent<Fact>(static e => e.Logged()).Build();
        await bus.StartAsync();
        await using var reader = Stream<Fact>(bus, LogPosition.Earliest);
        await bus.PublishAsync(new Fact(1));
        Assert.Equal([1L], await SequencesAsync(reader, 1));

        var next = reader.MoveNextAsync().AsTask();
        fails = true;
        await Assert.ThrowsAsync<EventLogException>(async () => await bus.PublishAsync(new Fact(2)));

        await Assert.ThrowsAsync<EventLogException>(() => next.Soon());
    }

    [Fact]
    public async Task A_type_that_never_goes_to_the_log_is_refused_with_the_remedy()
    {
        await using var bus = Bus();

        var error = Assert.Throws<InvalidOperationException>(() => bus.StreamAsync<string>(new StreamOptions { From = LogPosition.Earliest }));

        Assert.Contains("no event of type 'System.String' goes there. Add AddEvent<String>(e => e.Logged())", error.Message, StringComparison.Ordinal);
    }

    public void Dispose() => _log.Dispose();

    private IEventBus Bus() => Configure(new EventBusBuilder()).Build();

    private EventBusBuilder Configure(EventBusBuilder builder) => builder
        .UseEventLog(_log)
        .AddEvent<Fact>(static e => e.Logged())
        .AddEvent<Other>(static e => e.Logged());

    private sealed record Fact(int Number);

    private sealed record Other(int Number);

    /// <summary>Reads every number but one.</summary>
    private sealed class Superstitious : IEventSerializer
    {
        private readonly JsonEventSerializer _json = new();

        public bool CanSerialize(Type type, out string reason) => _json.CanSerialize(type, out reason);

        public void Serialize(object @event, Type type, System.Buffers.IBufferWriter<byte> destination) => _json.Serialize(@event, type, destination);

        public object Deserialize(ReadOnlySpan<byte> body, Type type) =>
            _json.Deserialize(body, type) is Fact { Number: 13 } ? throw new FormatException("Unlucky.") : _json.Deserialize(body, type);
    }
}
