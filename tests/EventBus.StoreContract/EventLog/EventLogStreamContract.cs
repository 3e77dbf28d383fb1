using EventBus.Storage;
using static EventBus.StoreContract.LogStreams;

namespace EventBus.StoreContract;

/// <summary>What a stream from an <see cref="IEventLog"/> promises while others publish to it: between what is stored and what is live nothing is missing, and nothing comes twice.</summary>
/// <typeparam name="THome">Where its log lives.</typeparam>
public abstract class EventLogStreamContract<THome> : IDisposable
    where THome : IEventLogHome, new()
{
    private static readonly TimeSpan s_safetyNet = TimeSpan.FromSeconds(60);

    private readonly THome _home = new();

    /// <summary>How many events each of three publishers publishes while others read, a multiple of three. A log that waits for a disk may ask for fewer.</summary>
    protected virtual int EventsOfEach => 1_500;

    /// <inheritdoc/>
    public void Dispose()
    {
        _home.Dispose();
        GC.SuppressFinalize(this);
    }

    [Theory]
    [InlineData(1, 3)]
    [InlineData(3, 4)]
    [InlineData(1_000, 3)]
    public async Task Wherever_it_begins_and_however_slow_its_reader_is_nothing_is_missing_and_nothing_comes_twice(int capacity, int readers)
    {
        const int Stored = 600;
        const int Publishers = 3;
        await using var bus = Bus();
        await bus.PublishManyAsync([.. Enumerable.Range(0, Stored).Select(static number => new Wanted(number))]);

        var publishing = Task.WhenAll(Enumerable.Range(0, Publishers).Select(_ => Task.Run(async () =>
        {
            for (var i = 0; i < EventsOfEach; i += 3)
            {
                await bus.PublishAsync(new Wanted(i));
                await bus.PublishManyAsync([new Wanted(i + 1), new Wanted(i + 2)]);
                await bus.PublishAsync(new Other(i));
            }
        })));
        var expected = Stored + (Publishers * EventsOfEach);
        var reading = Enumerable.Range(0, readers).Select(reader => Task.Run(async () =>
        {
            var got = new List<long>();
            await using var stream = Stream<Wanted>(bus, LogPosition.Earliest, capacity);
            while (got.Count < expected)
            {
                got.Add((await NextAsync(stream)).Metadata.Sequence!.Value);
                if (got.Count % 97 == reader)
                    await Task.Yield();
            }

            return got;
        })).ToArray();
        await publishing.WaitAsync(s_safetyNet);
        var all = new List<long>();
        await foreach (var logged in bus.EventLog.ReadAsync(new LogQuery { Types = [typeof(Wanted)] }))
            all.Add(logged.Sequence);

        Assert.Equal(expected, all.Count);
        foreach (var reader in reading)
            Assert.Equal(all, await reader.WaitAsync(s_safetyNet));
    }

    [Fact]
    public async Task From_the_latest_on_nothing_that_is_published_after_it_began_is_missing_while_others_publish()
    {
        await using var bus = Bus();
        await bus.StartAsync();
        using var stop = new CancellationTokenSource();
        var publishing = Task.Run(async () =>
        {
            for (var i = 0; !stop.IsCancellationRequested; i++)
                await bus.PublishAsync(new Other(i));
        });

        // The first asks for a type that the log has no event of yet.
        for (var i = 1; i <= 200; i++)
        {
            await using var stream = Stream<Wanted>(bus, LogPosition.Latest, capacity: 1 + (i % 3));
            await bus.PublishAsync(new Wanted(i));
            Assert.Equal(new Wanted(i), (await NextAsync(stream)).Event);
        }

        await stop.CancelAsync();
        await publishing.WaitAsync(s_safetyNet);
        Assert.Empty(bus.Subscriptions);
    }

    private IEventBus Bus() => new EventBusBuilder()
        .UseEventLog(_ => _home.Create())
        .AddEvent<Wanted>(static e => e.Logged())
        .AddEvent<Other>(static e => e.Logged())
        .Build();

    private sealed record Wanted(int Number);

    private sealed record Other(int Number);
}
