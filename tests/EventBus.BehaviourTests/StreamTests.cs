using EventBus.BehaviourTests.Support;

namespace EventBus.BehaviourTests;

/// <summary>Streams of what is published, read with <c>await foreach</c>.</summary>
public sealed class StreamTests
{
    private interface IFact
    {
        int Number { get; }
    }

    [Fact]
    public async Task It_begins_with_the_enumeration_and_has_all_that_is_published_after_that()
    {
        await using var bus = new EventBusBuilder().Build();
        var stream = bus.StreamAsync<Fact>();
        await bus.PublishAsync(new Fact(0));

        await using var reader = stream.GetAsyncEnumerator();
        await bus.PublishAsync(new Fact(1), new PublishOptions { Subject = "s", Key = "k" });
        await bus.PublishAsync(new Fact(2));

        var first = await NextAsync(reader);
        Assert.Equal(new Fact(1), first.Event);
        Assert.Equal(("s", "k", "EventBus.BehaviourTests.StreamTests+Fact-stream-1", 1, null), (first.Metadata.Subject, first.Metadata.Key, first.Metadata.Subscription, first.Metadata.Attempt, first.Metadata.Sequence));
        Assert.Equal(new Fact(2), (await NextAsync(reader)).Event);
    }

    [Fact]
    public async Task It_waits_for_what_is_published_later()
    {
        await using var bus = new EventBusBuilder().Build();
        await using var reader = bus.StreamAsync<Fact>().GetAsyncEnumerator();

        var next = NextAsync(reader);
        Assert.False(next.IsCompleted);
        await bus.PublishAsync(new Fact(1));

        Assert.Equal(new Fact(1), (await next).Event);
    }

    [Fact]
    public async Task A_base_type_an_interface_and_object_get_every_event_of_them_and_structs_come_too()
    {
        await using var bus = new EventBusBuilder().Build();
        await using var facts = bus.StreamAsync<IFact>().GetAsyncEnumerator();
        await using var all = bus.StreamAsync<object>().GetAsyncEnumerator();
        await using var numbers = bus.StreamAsync<int>().GetAsyncEnumerator();

        await bus.PublishAsync(new Fact(1));
        await bus.PublishAsync(2);
        await bus.PublishAsync<IFact>(new OtherFact(3));

        Assert.Equal(new[] { 1, 3 }, new[] { (await NextAsync(facts)).Event.Number, (await NextAsync(facts)).Event.Number });
        Assert.Equal(new object[] { new Fact(1), 2, new OtherFact(3) }, new[] { (await NextAsync(all)).Event, (await NextAsync(all)).Event, (await NextAsync(all)).Event });
        Assert.Equal(2, (await NextAsync(numbers)).Event);
    }

    [Fact]
    public async Task Several_at_once_each_have_all_and_each_enumeration_is_a_stream_of_its_own()
    {
        await using var bus = new EventBusBuilder().Build();
        var stream = bus.StreamAsync<Fact>(new StreamOptions { Name = "page" });
        await using var one = stream.GetAsyncEnumerator();
        await using var other = stream.GetAsyncEnumerator();

        await bus.PublishAsync(new Fact(1));

        Assert.Equal(new Fact(1), (await NextAsync(one)).Event);
        Assert.Equal(new Fact(1), (await NextAsync(other)).Event);
        Assert.Equal(["page-1", "page-2"], bus.Subscriptions.Select(static subscription => subscription.Name));
    }

    [Fact]
    public async Task By_default_the_oldest_is_dropped_for_a_slow_reader_who_is_told_so()
    {
        var told = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var log = new SignallingLog(static line => line.Contains("EventBus.BehaviourTests.StreamTests+Fact-stream-1 had no room and dropped", StringComparison.Ordinal), told);
        await using var provider = new ServiceCollectionWithLog(log).Build(static _ => { });
        var bus = provider.Bus;
        await using var reader = bus.StreamAsync<Fact>(new StreamOptions { Capacity = 2 }).GetAsyncEnumerator();

        for (var i = 1; i <= 5; i++)
            await bus.PublishAsync(new Fact(i));

        await told.Task.Soon();
        Assert.Equal(new[] { (4, 3L), (5, 0L) }, new[] { await NumberedAsync(reader), await NumberedAsync(reader) });
        var statistics = bus.Subscriptions[0].Statistics;
        Assert.Equal((5, 2, 3, 0), (statistics.Accepted, statistics.Handled, statistics.Dropped, statistics.Waiting));
    }

    [Fact]
    public async Task Dropping_the_newest_keeps_what_there_was_room_for()
    {
        await using var bus = new EventBusBuilder().Build();
        await using var reader = bus.StreamAsync<Fact>(new StreamOptions { Capacity = 2, WhenFull = QueueFullMode.DropNewest }).GetAsyncEnumerator();

        for (var i = 1; i <= 4; i++)
            await bus.PublishAsync(new Fact(i));
        var kept = new[] { await NumberedAsync(reader), await NumberedAsync(reader) };
        await bus.PublishAsync(new Fact(5));

        Assert.Equal([(1, 0L), (2, 0L)], kept);
        Assert.Equal((5, 2L), await NumberedAsync(reader));
    }

    [Fact]
    public async Task Failing_gives_what_there_was_room_for_and_then_a_typed_exception()
    {
        await using var bus = new EventBusBuilder().Build();
        var reader = bus.StreamAsync<Fact>(new StreamOptions { Capacity = 1, WhenFull = QueueFullMode.Reject }).GetAsyncEnumerator();
        var subscription = bus.Subscriptions[0];

        await bus.PublishAsync(new Fact(1));
        await bus.PublishAsync(new Fact(2));
        await bus.PublishAsync(new Fact(3));

        Assert.Equal(new Fact(1), (await NextAsync(reader)).Event);
        var error = await Assert.ThrowsAsync<StreamOverflowException>(async () => await reader.MoveNextAsync());
        Assert.StartsWith("Stream 'EventBus.BehaviourTests.StreamTests+Fact-stream-1' had no room for another event: its reader was 1 behind. Read faster, raise StreamOptions.Capacity", error.Message, StringComparison.Ordinal);
        await reader.DisposeAsync();
        Assert.Empty(bus.Subscriptions);
        Assert.Equal((2, 1, 1), (subscription.Statistics.Accepted, subscription.Statistics.Handled, subscription.Statistics.Dropped));
    }

    [Fact]
    public async Task It_ends_when_its_enumerator_is_disposed_and_what_waits_is_counted_as_dropped()
    {
        await using var bus = new EventBusBuilder().Build();
        var reader = bus.StreamAsync<Fact>().GetAsyncEnumerator();
        var subscription = bus.Subscriptions[0];
        await bus.PublishAsync(new Fact(1));

        await reader.DisposeAsync();
        await reader.DisposeAsync();
        await bus.PublishAsync(new Fact(2));

        Assert.False(await reader.MoveNextAsync());
        Assert.Empty(bus.Subscriptions);
        Assert.Equal((1, 1), (subscription.Statistics.Accepted, subscription.Statistics.Dropped));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Either_token_ends_it_with_the_usual_exception_also_while_it_waits(bool asked)
    {
        using var cancelled = new CancellationTokenSource();
        await using var bus = new EventBusBuilder().Build();
        var stream = bus.StreamAsync<Fact>(cancellationToken: asked ? cancelled.Token : default);
        var reading = Task.Run(async () =>
        {
            await foreach (var _ in stream.WithCancellation(asked ? default : cancelled.Token))
                await cancelled.CancelAsync();
        });
        while (bus.Subscriptions.Count == 0)
            await Task.Yield();

        await bus.PublishAsync(new Fact(1));

        var error = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => reading.Soon());
        Assert.Equal(cancelled.Token, error.CancellationToken);
        Assert.Empty(bus.Subscriptions);
    }

    [Fact]
    public async Task A_stop_waits_for_no_reader_and_the_reader_gets_what_waits_and_then_the_end()
    {
        await using var bus = new EventBusBuilder().Handle<string>(static async (text, context, token) => await context.Publisher.PublishAsync(new Fact(text.Length), token)).Build();
        await using var reader = bus.StreamAsync<Fact>().GetAsyncEnumerator();
        await bus.PublishAsync(new Fact(1));
        await bus.PublishAsync("from a handler that runs on");

        var receipt = await bus.StopAsync().AsTask().Soon();
        await bus.StartAsync();
        await bus.PublishAsync(new Fact(3));

        var left = Assert.Single(receipt.Subscriptions, static each => each.Name == "EventBus.BehaviourTests.StreamTests+Fact-stream-1");
        Assert.Equal((2, 0, 2, 0), (left.Statistics.Accepted, left.Statistics.Handled, left.Statistics.Waiting, left.Abandoned.Count));
        Assert.True(receipt.IsComplete);
        Assert.Equal(new[] { 1, 27 }, new[] { (await NextAsync(reader)).Event.Number, (await NextAsync(reader)).Event.Number });
        Assert.False(await reader.MoveNextAsync());
        Assert.Single(bus.Subscriptions);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_reader_that_waits_is_told_of_the_end_when_the_bus_is_disposed_started_or_not(bool isStarted)
    {
        var bus = new EventBusBuilder().Build();
        if (isStarted)
            await bus.StartAsync();
        var reader = bus.StreamAsync<Fact>().GetAsyncEnumerator();
        var next = reader.MoveNextAsync().AsTask();

        await bus.DisposeAsync();

        Assert.False(await next.Soon());
        await reader.DisposeAsync();
        Assert.Throws<ObjectDisposedException>(() => bus.StreamAsync<Fact>());
    }

    [Fact]
    public async Task A_stream_that_nobody_reads_keeps_the_bus_from_nothing()
    {
        await using var bus = new EventBusBuilder().Build();
        await using var reader = bus.StreamAsync<Fact>(new StreamOptions { Capacity = 1 }).GetAsyncEnumerator();

        await bus.PublishAsync(new Fact(1));
        await bus.PublishAsync(new Fact(2));

        Assert.True(bus.IsSettled());
        await bus.WhenQuiet();
        Assert.True((await bus.StopAsync().AsTask().Soon()).IsComplete);
    }

    [Fact]
    public async Task A_handler_that_publishes_into_a_full_stream_is_not_put_off()
    {
        await using var bus = new EventBusBuilder().Handle<string>(static async (_, context, token) => await context.Publisher.PublishAsync(new Fact(2), token)).Build();
        await using var reader = bus.StreamAsync<Fact>(new StreamOptions { Capacity = 1 }).GetAsyncEnumerator();
        await bus.PublishAsync(new Fact(1));

        await bus.PublishAsync("fact");
        await bus.WhenSettled();

        Assert.Equal(1, bus.Subscriptions[0].Statistics.Handled);
        Assert.Equal((2, 1L), await NumberedAsync(reader));
    }

    [Fact]
    public async Task It_cannot_be_paused_and_disposing_its_subscription_ends_it_in_good_order()
    {
        await using var bus = new EventBusBuilder().Build();
        await using var reader = bus.StreamAsync<Fact>().GetAsyncEnumerator();
        var subscription = bus.Subscriptions[0];
        await bus.PublishAsync(new Fact(1));

        Assert.Equal(DeliveryMode.Stream, subscription.Mode);
        Assert.Equal("Fact -> EventBus.BehaviourTests.StreamTests+Fact-stream-1 (stream, capacity 1024, drops the oldest)", bus.Topology.ToString());
        Assert.Throws<InvalidOperationException>(subscription.Pause);
        await subscription.DisposeAsync();

        Assert.Equal(new Fact(1), (await NextAsync(reader)).Event);
        Assert.False(await reader.MoveNextAsync());
        Assert.Empty(bus.Subscriptions);
    }

    [Fact]
    public async Task Wrong_options_are_refused_where_they_are_given()
    {
        await using var bus = new EventBusBuilder().Build();

        Assert.Throws<ArgumentOutOfRangeException>(() => bus.StreamAsync<Fact>(new StreamOptions { Capacity = 0 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => bus.StreamAsync<Fact>(new StreamOptions { Capacity = StreamOptions.MaxCapacity + 1 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => bus.StreamAsync<Fact>(new StreamOptions { WhenFull = (QueueFullMode)9 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => bus.StreamAsync<Fact>(new StreamOptions { WhenFull = QueueFullMode.Wait }));
        Assert.Throws<ArgumentException>(() => bus.StreamAsync<Fact>(new StreamOptions { Name = "no spaces" }));
        Assert.Throws<ArgumentException>(() => bus.StreamAsync<Fact>(new StreamOptions { From = LogPosition.Latest, WhenFull = QueueFullMode.Reject }));
        Assert.Contains("the bus has no event log", Assert.Throws<InvalidOperationException>(() => bus.StreamAsync<Fact>(new StreamOptions { From = LogPosition.Latest })).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Each_reader_has_every_event_once_and_each_publishers_in_order_while_streams_come_and_go()
    {
        const int Publishing = 3;
        const int Each = 5_000;
        await using var bus = new EventBusBuilder().Build();
        using var stop = new CancellationTokenSource();
        var reader = bus.StreamAsync<Numbered>(new StreamOptions { Capacity = StreamOptions.MaxCapacity }).GetAsyncEnumerator();
        var coming = Enumerable.Range(0, 2).Select(_ => Task.Run(async () =>
        {
            while (!stop.IsCancellationRequested)
            {
                await using var other = bus.StreamAsync<object>(new StreamOptions { Capacity = 3 }).GetAsyncEnumerator();
                for (var i = 0; i < 5 && !stop.IsCancellationRequested; i++)
                    await Task.WhenAny(other.MoveNextAsync().AsTask(), Task.Delay(Timeout.Infinite, stop.Token));
            }
        })).ToArray();

        var publishing = Task.WhenAll(Enumerable.Range(0, Publishing).Select(publisher => Task.Run(async () =>
        {
            for (var i = 0; i < Each; i++)
                await bus.PublishAsync(new Numbered(publisher, i));
        })));
        var got = new List<Numbered>();
        while (got.Count < Publishing * Each)
            got.Add((await NextAsync(reader)).Event);
        await publishing.Soon();
        await stop.CancelAsync();
        await Task.WhenAll(coming).Soon();
        await reader.DisposeAsync();

        for (var publisher = 0; publisher < Publishing; publisher++)
            Assert.Equal(Enumerable.Range(0, Each), got.Where(each => each.Publisher == publisher).Select(static each => each.Number));
        Assert.Empty(bus.Subscriptions);
    }

    private static async Task<StreamedEvent<T>> NextAsync<T>(IAsyncEnumerator<StreamedEvent<T>> reader)
        where T : notnull
    {
        Assert.True(await reader.MoveNextAsync().AsTask().Soon());
        return reader.Current;
    }

    private static async Task<(int Number, long Missed)> NumberedAsync(IAsyncEnumerator<StreamedEvent<Fact>> reader)
    {
        var next = await NextAsync(reader);
        return (next.Event.Number, next.Missed);
    }

    private sealed record Fact(int Number) : IFact;

    private sealed record OtherFact(int Number) : IFact;

    private sealed record Numbered(int Publisher, int Number);
}
