using EventBus.Sqlite.Tests.Support;
using Microsoft.Extensions.Time.Testing;
using static EventBus.StoreContract.LogStreams;

namespace EventBus.Sqlite.Tests;

/// <summary>Streams that begin in a file, and go on live.</summary>
public sealed class LogStreamTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly FakeTimeProvider _clock = new(new(2011, 12, 1, 8, 0, 0, TimeSpan.Zero));

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task It_begins_where_it_was_told_and_goes_on_live()
    {
        await using var bus = Bus();
        for (var hour = 1; hour <= 4; hour++)
        {
            await bus.PublishAsync(new Placed(hour));
            _clock.Advance(TimeSpan.FromHours(1));
        }

        await using var earliest = Stream<Placed>(bus, LogPosition.Earliest);
        await using var sequence = Stream<Placed>(bus, LogPosition.Sequence(3));
        await using var notYet = Stream<Placed>(bus, LogPosition.Sequence(99));
        await using var time = Stream<Placed>(bus, LogPosition.Time(_clock.Start.AddHours(1)));
        await using var between = Stream<Placed>(bus, LogPosition.Time(_clock.Start.AddHours(2).AddMilliseconds(1)));
        await using var later = Stream<Placed>(bus, LogPosition.Time(_clock.Start.AddYears(1)));
        await using var latest = Stream<Placed>(bus, LogPosition.Latest);
        await bus.PublishAsync(new Placed(5));

        Assert.Equal([1L, 2, 3, 4, 5], await SequencesAsync(earliest, 5));
        Assert.Equal([3L, 4, 5], await SequencesAsync(sequence, 3));
        Assert.Equal([5L], await SequencesAsync(notYet, 1));
        Assert.Equal([2L, 3, 4, 5], await SequencesAsync(time, 4));
        Assert.Equal([4L, 5], await SequencesAsync(between, 2));
        Assert.Equal([5L], await SequencesAsync(later, 1));
        Assert.Equal([5L], await SequencesAsync(latest, 1));
        await bus.PublishAsync(new Placed(6));
        foreach (var stream in new[] { earliest, sequence, notYet, time, between, later, latest })
            Assert.Equal(6, (await NextAsync(stream)).Metadata.Sequence);
    }

    [Fact]
    public async Task What_it_gives_from_the_file_is_what_was_published_with_all_that_is_known_of_it()
    {
        await using var bus = Bus();
        var options = new PublishOptions { Id = "a", Source = "till", Subject = "order/1", Key = "k", CorrelationId = "visit", CausationId = "cause", Headers = new Dictionary<string, string> { ["tenant"] = "t" } };
        await bus.PublishAsync(new Placed(1), options);
        // Recognised: it is in the file once.
        await bus.PublishAsync(new Placed(1), options);
        await bus.PublishAsync(new Cancelled(2));
        await using var stream = Stream<object>(bus, LogPosition.Earliest);

        var first = await NextAsync(stream);
        var second = await NextAsync(stream);

        var metadata = first.Metadata;
        Assert.Equal((new Placed(1), new Cancelled(2)), (first.Event, second.Event));
        Assert.Equal(("a", "till", "order/1", "k", "visit", "cause", "t"), (metadata.Id, metadata.Source, metadata.Subject, metadata.Key, metadata.CorrelationId, metadata.CausationId, metadata.Headers["tenant"]));
        Assert.Equal((_clock.Start, 1L, 2L), (metadata.Time, metadata.Sequence, second.Metadata.Sequence));
    }

    [Fact]
    public async Task A_reader_that_a_stop_overtook_goes_on_after_the_restart_of_the_process_and_misses_nothing()
    {
        const int Each = 300;
        var got = new List<long>();
        await using (var bus = Bus())
        {
            await bus.PublishManyAsync([.. Enumerable.Range(0, Each).Select(static number => new Placed(number))]);
            var stream = Stream<Placed>(bus, LogPosition.Earliest, capacity: 7);
            got.AddRange(await SequencesAsync(stream, 100));
            await bus.PublishAsync(new Placed(Each));

            await bus.StopAsync().AsTask().Soon();
            while (await stream.MoveNextAsync().AsTask().Soon())
                got.Add(stream.Current.Metadata.Sequence!.Value);
            await stream.DisposeAsync();
        }

        await using (var bus = Bus())
        {
            await bus.StartAsync();
            await using var stream = Stream<Placed>(bus, LogPosition.Sequence(got[^1] + 1), capacity: 7);
            await using var all = Stream<Placed>(bus, LogPosition.Earliest);
            await bus.PublishAsync(new Placed(Each + 1));

            got.AddRange(await SequencesAsync(stream, Each + 2 - got.Count));
            var expected = Enumerable.Range(1, Each + 2).Select(static sequence => (long)sequence).ToList();
            Assert.Equal(expected, got);
            Assert.Equal(expected, await SequencesAsync(all, Each + 2));
        }
    }

    [Fact]
    public async Task From_the_earliest_on_it_begins_at_the_oldest_that_the_file_still_holds()
    {
        await using var bus = Bus();
        await bus.PublishAsync(new Placed(1));
        await bus.PublishAsync(new Placed(2));
        _clock.Advance(TimeSpan.FromDays(2));
        await bus.PublishAsync(new Placed(3));
        await bus.EventLog.RetainAsync(new LogRetention { MaxAge = TimeSpan.FromDays(1) });

        await using var earliest = Stream<Placed>(bus, LogPosition.Earliest);
        await using var gone = Stream<Placed>(bus, LogPosition.Sequence(1));

        Assert.Equal(3, (await NextAsync(earliest)).Metadata.Sequence);
        Assert.Equal(3, (await NextAsync(gone)).Metadata.Sequence);
    }

    private IEventBus Bus() => new EventBusBuilder()
        .UseSqlite($"Data Source={_folder.File()}")
        .UseTimeProvider(_clock)
        .AddEvent<Placed>(static e => e.Logged())
        .AddEvent<Cancelled>(static e => e.Logged())
        .Build();

    private sealed record Placed(int Number);

    private sealed record Cancelled(int Number);
}
