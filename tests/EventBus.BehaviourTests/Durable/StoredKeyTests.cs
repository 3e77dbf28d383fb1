using EventBus.BehaviourTests.Support;
using EventBus.Storage;
using Microsoft.Extensions.Time.Testing;

namespace EventBus.BehaviourTests.Durable;

/// <summary>The key under which a delivery is stored is the one whose order it keeps, whatever the code says since.</summary>
public sealed class StoredKeyTests : IDisposable
{
    private static readonly TimeSpan s_minute = TimeSpan.FromMinutes(1);

    private readonly InMemoryEventLog _log = new();
    private readonly FakeTimeProvider _clock = new();
    private readonly List<int> _handled = [];
    private volatile bool _failing = true;

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public async Task Deliveries_that_wait_are_handled_in_order_where_the_new_code_reads_other_keys(int concurrency)
    {
        await using (var old = Bus(static number => number % 2, concurrency))
        {
            for (var number = 1; number <= 6; number++)
                await old.PublishAsync(number);
            await old.WhenQuiet();
            await old.StopAsync().AsTask().Soon();
        }

        Assert.Empty(_handled);
        _failing = false;
        await using var bus = Bus(static number => number % 3, concurrency);
        await bus.StartAsync();
        _clock.Advance(s_minute);
        await bus.WhenSettled();

        Assert.Equal([1, 3, 5], _handled.Where(static number => number % 2 == 1));
        Assert.Equal([2, 4, 6], _handled.Where(static number => number % 2 == 0));
        await bus.StopAsync().AsTask().Soon();
        Assert.Empty(_log.ReadDeliveries("facts"));
    }

    [Fact]
    public async Task A_key_is_read_once_while_nothing_waits()
    {
        _failing = false;
        var read = 0;
        await using var bus = Bus(
            number =>
            {
                Interlocked.Increment(ref read);
                return number;
            },
            concurrency: 4);

        for (var number = 1; number <= 10; number++)
            await bus.PublishAsync(number);
        await bus.WhenSettled();

        Assert.Equal(10, read);
    }

    public void Dispose() => _log.Dispose();

    private IEventBus Bus(Func<int, int> key, int concurrency) => new EventBusBuilder()
        .UseEventLog(_log.Share())
        .UseTimeProvider(_clock)
        .Handle<int>(
            (number, _, _) =>
            {
                if (_failing)
                    throw new InvalidOperationException();
                lock (_handled)
                    _handled.Add(number);
                return default;
            },
            s => s.Named("facts").Durable(LogPosition.Earliest).OrderedBy(key).Concurrency(concurrency).Retry(RetryPolicy.Fixed(9, s_minute)))
        .Build();
}
