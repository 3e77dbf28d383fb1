using EventBus.BehaviourTests.Support;

namespace EventBus.BehaviourTests;

/// <summary>The bus as an observable.</summary>
public sealed class ObservableTests
{
    [Fact]
    public async Task An_observer_gets_what_is_published_after_it_subscribed_and_the_end_when_the_bus_stops()
    {
        await using var bus = new EventBusBuilder().Build();
        var facts = bus.AsObservable<object>();
        await bus.PublishAsync("before");
        var observer = new Recording<object>();

        facts.Subscribe(observer);
        await bus.PublishAsync("one");
        await bus.PublishAsync(2);
        await bus.StopAsync();
        await observer.Completed.Soon();
        await bus.StartAsync();
        await bus.PublishAsync("after");
        await bus.WhenSettled();

        Assert.Equal(["one", 2, "completed"], observer.Calls);
        Assert.Empty(bus.Subscriptions);
    }

    [Fact]
    public async Task It_is_told_of_one_event_at_a_time_whoever_publishes()
    {
        var observer = new Recording<int>();
        await using var bus = new EventBusBuilder().Build();
        bus.AsObservable<int>(static s => s.WhenFull(QueueFullMode.Wait)).Subscribe(observer);

        await Task.WhenAll(Enumerable.Range(0, 4).Select(publisher => Task.Run(async () =>
        {
            for (var i = 0; i < 2_000; i++)
                await bus.PublishAsync(i);
        }))).Soon();
        await bus.StopAsync().AsTask().Soon();
        await observer.Completed.Soon();

        Assert.Equal(8_001, observer.Calls.Count);
        Assert.Equal("completed", observer.Calls[^1]);
        Assert.Equal(0, observer.Overlaps);
    }

    [Fact]
    public async Task Nothing_is_called_after_it_was_disposed_from_within_or_from_without()
    {
        var within = new Recording<int>();
        var without = new Recording<int>();
        IDisposable? own = null;
        await using var bus = new EventBusBuilder().Build();
        own = bus.AsObservable<int>().Subscribe(within);
        within.OnEach = () => own.Dispose();
        var other = bus.AsObservable<int>().Subscribe(without);
        await bus.PublishAsync(1);
        await bus.WhenSettled();

        other.Dispose();
        await bus.PublishAsync(2);
        await bus.StopAsync();

        Assert.Equal([1], within.Calls);
        Assert.Equal([1], without.Calls);
        Assert.Empty(bus.Subscriptions);
    }

    [Fact]
    public async Task One_that_throws_concerns_nobody_else_nor_the_next_event_and_is_told_of_and_kept()
    {
        var told = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var log = new SignallingLog(static line => line.Contains("gave up", StringComparison.Ordinal), told);
        await using var provider = new ServiceCollectionWithLog(log).Build(static _ => { });
        var bus = provider.Bus;
        var throws = new Recording<int> { OnEach = static () => throw new InvalidOperationException("broken") };
        var works = new Recording<int>();
        bus.AsObservable<int>(static s => s.Named("screen")).Subscribe(throws);
        bus.AsObservable<int>().Subscribe(works);

        await bus.PublishAsync(1);
        await bus.PublishAsync(2);
        await bus.WhenSettled();

        await told.Task.Soon();
        Assert.Equal([1, 2], throws.Calls);
        Assert.Equal([1, 2], works.Calls);
        Assert.Equal(2, bus.Subscriptions.Single(static each => each.Name == "screen").Statistics.DeadLettered);
    }

    [Fact]
    public async Task One_that_throws_at_the_end_is_told_of()
    {
        var told = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var log = new SignallingLog(static line => line.Contains("screen threw", StringComparison.Ordinal), told);
        await using var provider = new ServiceCollectionWithLog(log).Build(static _ => { });
        provider.Bus.AsObservable<int>(static s => s.Named("screen")).Subscribe(new Recording<int> { OnEnd = static () => throw new InvalidOperationException("broken") });

        await provider.Bus.StopAsync();

        await told.Task.Soon();
    }

    [Fact]
    public async Task A_slow_observer_loses_the_oldest_and_holds_up_no_publisher()
    {
        using var held = new ManualResetEventSlim();
        var began = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var slow = new Recording<int>
        {
            OnEach = () =>
            {
                began.TrySetResult();
                held.Wait();
            },
        };
        await using var bus = new EventBusBuilder().Build();
        bus.AsObservable<int>(static s => s.Capacity(2)).Subscribe(slow);
        await bus.PublishAsync(1);
        await began.Task.Soon();

        for (var i = 2; i <= 9; i++)
            await bus.PublishAsync(i);
        held.Set();
        await bus.WhenSettled();

        Assert.Equal(9, slow.Calls[^1]);
        Assert.Equal(9 - slow.Calls.Count, bus.Subscriptions[0].Statistics.Dropped);
    }

    [Fact]
    public async Task What_would_let_calls_overlap_is_refused()
    {
        await using var bus = new EventBusBuilder().Build();
        var observer = new Recording<int>();

        var error = Assert.Throws<EventBusConfigurationException>(() => bus.AsObservable<int>(static s => s.Concurrency(2)).Subscribe(observer));
        Assert.Contains("is to be concurrent, and an observer is told of one event at a time", error.Message, StringComparison.Ordinal);
        Assert.Throws<EventBusConfigurationException>(() => bus.AsObservable<int>(static s => s.Inline()).Subscribe(observer));
        Assert.Throws<EventBusConfigurationException>(() => bus.AsObservable<int>(static s => s.Named("d").Durable()).Subscribe(observer));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task What_would_let_calls_overlap_is_refused_wherever_it_was_set(bool atOnce)
    {
        await using var bus = new EventBusBuilder()
            .ConfigureSubscriptions(settings =>
            {
                settings.SetFrom(atOnce ? nameof(settings.Concurrency) : nameof(settings.WhenStuck), "the application's defaults");
                if (atOnce)
                    settings.Concurrency = 4;
                else
                    settings.WhenStuck = StuckHandlerAction.Abandon;
            })
            .Build();

        var error = Assert.Throws<EventBusConfigurationException>(() => bus.AsObservable<int>().Subscribe(new Recording<int>()));

        Assert.Contains(
            $"Subscription 'System.Int32-1' is {(atOnce ? "to be concurrent" : "to abandon handlers that are stuck")}, and an observer is told of one event at a time", error.Message, StringComparison.Ordinal);
        Assert.Contains("It is set by the application's defaults.", error.Message, StringComparison.Ordinal);
        Assert.Empty(bus.Subscriptions);
    }

    [Fact]
    public async Task An_observer_that_comes_while_the_bus_is_disposed_is_told_so_and_not_left_waiting()
    {
        await using var bus = new EventBusBuilder().Build();
        await bus.StartAsync();

        Assert.Throws<ObjectDisposedException>(() => bus.AsObservable<int>(_ => bus.Dispose()).Subscribe(new Recording<int>()));
        Assert.Empty(bus.Subscriptions);
    }

    private sealed class Recording<T> : IObserver<T>
    {
        private readonly TaskCompletionSource _completed = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly List<object> _calls = [];
        private int _inside;
        private int _overlaps;

        public Action? OnEach { get; set; }

        public Action? OnEnd { get; init; }

        public Task Completed => _completed.Task;

        public int Overlaps => _overlaps;

        public IReadOnlyList<object> Calls
        {
            get
            {
                lock (_calls)
                    return [.. _calls];
            }
        }

        public void OnCompleted()
        {
            Call("completed");
            _completed.TrySetResult();
            OnEnd?.Invoke();
        }

        public void OnError(Exception error) => Call(error);

        public void OnNext(T value)
        {
            Call(value!);
            OnEach?.Invoke();
        }

        private void Call(object call)
        {
            if (Interlocked.Increment(ref _inside) > 1)
                Interlocked.Increment(ref _overlaps);
            lock (_calls)
                _calls.Add(call);
            Interlocked.Decrement(ref _inside);
        }
    }
}
