using System.Globalization;

namespace EventBus.BehaviourTests.Faults;

/// <summary>A bus whose log fails at one of its calls. It publishes, retries, buries, redrives, schedules, cancels, replays, stops and starts, and the application does
/// about the fault what it is told to do. At the end everything must be as if nothing had been.</summary>
internal sealed class FaultyLife : IDisposable
{
    private const int Unsteady = 2;
    private const int Poison = 3;
    private const int Scheduled = 7;
    private const int Cancelled = 8;
    private const int Last = 9;

    private static readonly int[] s_batch = [4, 5, 6];
    private static readonly int[] s_published = [1, Unsteady, Poison, .. s_batch, Scheduled, Last];
    private static readonly TimeSpan s_hour = TimeSpan.FromHours(1);

    private readonly LogFault _fault;
    private readonly FaultyProcess _process;
    private readonly LifeHistory _history = new();
    private volatile bool _isCured;
    private int _replays;

    public FaultyLife(LogFault fault, int failing)
    {
        _fault = fault;
        _process = new(fault, failing, Configure) { Completed = key => _history.Complete(key.Key) };
    }

    /// <summary>Whether it ended before the call came that would have failed.</summary>
    public bool WasSpared => !_process.Fell;

    public async Task RunAsync()
    {
        _process.Begin();
        foreach (var number in new[] { 1, Unsteady, Poison })
            await PublishAsync(number);
        await ScheduleAsync(Scheduled);
        await CancelAsync(await ScheduleAsync(Cancelled));
        await PublishBatchAsync();
        await _process.SettleAsync();
        await RedriveAsync();
        await _process.SettleAsync();

        await _process.StopAsync();
        _process.Clock.Advance(s_hour);
        await _process.SettleAsync();
        await ReplayAsync();
        await PublishAsync(Last);
        await _process.SettleAsync();

        // Where the fault falls into the stop something may be left.
        await _process.StopAsync();
        await _process.SettleAsync();
        await _process.StopAsync();
        await CheckAsync();
    }

    public void Dispose() => _process.Dispose();

    private void Configure(EventBusBuilder bus, Incarnation life) => bus
        .Handle<int>(
            (number, context, _) => (number == Unsteady && context.Attempt == 1) || (number == Poison && !_isCured)
                ? throw new InvalidOperationException("fails as planned")
                : Handle("facts", number, context, life),
            static s => s.Named("facts").Durable(LogPosition.Earliest).OrderedBy(static number => number % 2).Concurrency(2).Timeout(Timeout.InfiniteTimeSpan)
                .Retry(RetryPolicy.Fixed(3, TimeSpan.FromSeconds(1))))
        .Handle<int>(
            (number, context, _) => Handle("once", number, context, life),
            static s => s.Named("once").Durable(LogPosition.Earliest).Idempotent().Timeout(Timeout.InfiniteTimeSpan));

    private ValueTask Handle(string subscription, int number, EventContext context, Incarnation life)
    {
        life.Do(() => _history.Add(subscription, number, context));
        return default;
    }

    private static PublishOptions As(int number) => new() { Id = number.ToString(CultureInfo.InvariantCulture) };

    private Task PublishAsync(int number) => _process.DoAsync(bus => bus.PublishAsync(number, As(number)));

    private Task<ScheduledEvent> ScheduleAsync(int number) => _process.DoAsync(async bus => await bus.ScheduleAsync(number, s_hour, As(number)));

    private async Task CancelAsync(ScheduledEvent scheduled) => Assert.True(await _process.DoAsync(bus => bus.CancelScheduledAsync(scheduled)) || _process.Fell);

    // A batch has no ids: after a fault the log is asked whether it is there.
    private Task PublishBatchAsync() => _process.DoAsync(async bus =>
    {
        if (!_process.Fell || !await IsThereAsync(bus, s_batch[0]))
            await bus.PublishManyAsync(s_batch);
    });

    private static async ValueTask<bool> IsThereAsync(IEventBus bus, int number)
    {
        await foreach (var logged in bus.EventLog.ReadAsync())
        {
            if (logged.Event is int other && other == number)
                return true;
        }

        return false;
    }

    private async Task RedriveAsync()
    {
        var letter = Assert.Single(await _process.DoAsync(static bus => bus.DeadLetters.ListAsync()));
        Assert.Equal((Poison, "facts"), ((int)letter.Event, letter.Subscription));
        _isCured = true;
        await _process.DoAsync(static bus => bus.DeadLetters.RedriveAsync(new DeadLetterQuery()));
    }

    private Task ReplayAsync() => _process.DoAsync(async bus =>
    {
        _replays++;
        await bus.EventLog.ReplayAsync("facts", LogPosition.Earliest);
    });

    private async Task CheckAsync()
    {
        var stored = await _process.DoAsync(static async bus =>
        {
            var numbers = new List<int>();
            await foreach (var logged in bus.EventLog.ReadAsync())
                numbers.Add((int)logged.Event);
            return numbers;
        });
        _history.Require(stored.Order().SequenceEqual(s_published.Order()), $"the log has {string.Join(", ", stored)}");
        CheckHandled("facts", isReplay: false, s_published);
        CheckHandled("facts", isReplay: true, s_published[..^1]);
        CheckHandled("once", isReplay: false, s_published);
        CheckOrder(isReplay: false);
        if (_replays == 1)
            CheckOrder(isReplay: true);
        CheckNothingIsLeft();
        _history.Judge($"{_process}");
    }

    // One fault may repeat once what was under way; one that passes repeats nothing.
    private void CheckHandled(string subscription, bool isReplay, int[] expected)
    {
        var counts = _history.CountsOf(subscription, isReplay);
        var most = _fault == LogFault.Transient ? 1 : isReplay ? _replays + 1 : 2;
        _history.Require(counts.Keys.Order().SequenceEqual(expected.Order()), $"{subscription} handled {string.Join(", ", counts.Keys)}, replay: {isReplay}");
        foreach (var (number, count) in counts)
            _history.Require(count <= most, $"{subscription} handled {number} {count} times, replay: {isReplay}");
    }

    // A redriven dead letter is in nobody's order.
    private void CheckOrder(bool isReplay)
    {
        for (var key = 0; key < 2; key++)
        {
            var order = _history.OrderOf("facts", isReplay, number => number % 2 == key && (isReplay || number != Poison));
            _history.Require(order.SequenceEqual(order.Order()), $"key {key} was handled in the order {string.Join(", ", order)}, replay: {isReplay}");
        }
    }

    private void CheckNothingIsLeft()
    {
        var disk = _process.Disk;
        var statistics = disk.ReadStatistics();
        _history.Require(statistics is { DeadLetters: 0, Scheduled: 0 }, $"the log still has {statistics}");
        foreach (var subscription in disk.ReadSubscriptions())
        {
            var left = disk.ReadDeliveries(subscription.Name);
            _history.Require(subscription.Position == statistics.Head && left.Count == 0, $"{subscription} has {left.Count} deliveries left of {statistics.Head}");
        }
    }
}
