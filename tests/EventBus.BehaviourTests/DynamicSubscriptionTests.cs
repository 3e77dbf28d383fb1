using System.Runtime.CompilerServices;
using EventBus.BehaviourTests.Support;
using EventBus.Lifecycle;

namespace EventBus.BehaviourTests;

/// <summary>Subscriptions that come and go while the bus works.</summary>
public sealed class DynamicSubscriptionTests
{
    private const int Many = 1_000;

    [Theory]
    [InlineData(DeliveryMode.Queued)]
    [InlineData(DeliveryMode.Inline)]
    public async Task A_thousand_that_came_and_went_leave_nothing_behind(DeliveryMode mode)
    {
        var clock = new TimersCounted();
        await using var bus = new EventBusBuilder().UseTimeProvider(clock).Build();
        await using var stays = bus.Subscribe<string>(static (_, _, _) => default, static s => s.Inline());

        var gone = await ComeAndGoAsync(bus, mode);
        await bus.PublishAsync("afterwards");
        await bus.WhenSettled();

        Assert.Equal([stays], bus.Subscriptions);
        Assert.Equal(1, clock.Timers);
        // The worker of the last may be on its way out.
        for (var look = 0; look < 1_000 && (Waits(bus) || Alive(gone) > 0); look++)
            await CollectAsync();
        Assert.Equal((false, 0), (Waits(bus), Alive(gone)));
    }

    [Theory]
    [InlineData(DeliveryMode.Queued)]
    [InlineData(DeliveryMode.Inline)]
    public async Task One_that_comes_while_the_bus_is_disposed_is_told_so(DeliveryMode mode)
    {
        await using var bus = new EventBusBuilder().Build();
        await bus.StartAsync();

        Assert.Throws<ObjectDisposedException>(() => bus.Subscribe<int>(static (_, _, _) => default, s =>
        {
            _ = mode == DeliveryMode.Inline ? s.Inline() : s;
            bus.Dispose();
        }));
        Assert.Empty(bus.Subscriptions);
    }

    [Fact]
    public async Task One_that_comes_while_the_bus_is_started_again_works_with_it()
    {
        await using var bus = new EventBusBuilder().Build();
        await bus.StartAsync();
        for (var round = 0; round < 2_000; round++)
        {
            await bus.StopAsync();
            using var together = new Barrier(2);
            var handled = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            var coming = Task.Run(() =>
            {
                together.SignalAndWait();
                return bus.Subscribe<int>((_, _, _) =>
                {
                    handled.TrySetResult();
                    return default;
                });
            });
            together.SignalAndWait();
            await bus.StartAsync();
            await using var subscription = await coming.Soon();

            await bus.PublishAsync(round);

            await handled.Task.Soon();
        }
    }

    [Fact]
    public async Task A_configuration_that_subscribes_itself_hides_no_mistake()
    {
        IEventBus? built = null;
        await using var bus = new EventBusBuilder()
            .ConfigureSubscriptions(static settings =>
            {
                if (settings.Capacity == 0)
                    throw new InvalidOperationException("Nobody needs that.");
            })
            .ConfigureSubscriptions(settings =>
            {
                if (settings.Capacity == 0)
                    built!.Subscribe<string>(static (_, _, _) => default);
            })
            .Build();
        built = bus;

        var error = Assert.Throws<EventBusConfigurationException>(() => bus.Subscribe<int>(static (_, _, _) => default, static s => s.Capacity(0)));

        Assert.Equal(2, error.Errors.Count);
    }

    [Fact]
    public async Task Those_that_come_and_go_stall_no_publisher_and_lose_nothing_of_others()
    {
        const int Publishing = 3;
        const int Each = 4_000;
        var got = new List<int>[Publishing];
        for (var i = 0; i < Publishing; i++)
            got[i] = [];
        await using var bus = new EventBusBuilder().Handle<Numbered>((@event, _, _) =>
        {
            got[@event.Publisher].Add(@event.Number);
            return default;
        }).Build();
        using var stop = new CancellationTokenSource();

        var coming = Enumerable.Range(0, 4).Select(at => Task.Run(() => ComeAndGoUntilAsync(bus, at, stop.Token))).ToArray();
        var publishing = Enumerable.Range(0, Publishing).Select(publisher => Task.Run(async () =>
        {
            for (var number = 0; number < Each; number++)
                await bus.PublishAsync(new Numbered(publisher, number));
        }));
        await Task.WhenAll(publishing).Soon();
        await stop.CancelAsync();
        await Task.WhenAll(coming).Soon();
        await bus.WhenSettled();

        for (var publisher = 0; publisher < Publishing; publisher++)
            Assert.Equal(Enumerable.Range(0, Each), got[publisher]);
        Assert.Single(bus.Subscriptions);
    }

    [Fact]
    public async Task Without_a_name_each_of_many_that_come_at_once_gets_its_own()
    {
        await using var bus = new EventBusBuilder().Build();
        using var together = new Barrier(4);

        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() =>
        {
            together.SignalAndWait();
            for (var i = 0; i < Many / 4; i++)
                bus.Subscribe<string>(static (_, _, _) => default);
        }))).Soon();

        Assert.Equal(Many, bus.Subscriptions.Select(static subscription => subscription.Name).Distinct().Count());
    }

    [Theory]
    [InlineData(DeliveryMode.Queued)]
    [InlineData(DeliveryMode.Inline)]
    [InlineData(DeliveryMode.Durable)]
    public async Task A_handler_may_subscribe_and_the_new_one_gets_what_the_handler_publishes_next(DeliveryMode mode)
    {
        var got = new TaskCompletionSource<int>(TaskCreationOptions.RunContinuationsAsynchronously);
        IEventBus? bus = null;
        await using var built = bus = new EventBusBuilder().In(mode).Handle<string>(
            async (_, context, token) =>
            {
                bus!.Subscribe<int>((number, _, _) =>
                {
                    got.SetResult(number);
                    return default;
                });
                await context.Publisher.PublishAsync(7, token);
            },
            s => _ = mode == DeliveryMode.Inline ? s.Inline() : s.In(mode)).Build();

        await bus.PublishAsync("fact");

        Assert.Equal(7, await got.Task.Soon());
    }

    [Theory]
    [InlineData(DeliveryMode.Queued)]
    [InlineData(DeliveryMode.Inline)]
    public async Task A_handler_may_end_its_own_subscription_and_await_that(DeliveryMode mode)
    {
        var handled = 0;
        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        ISubscription? subscription = null;
        await using var bus = new EventBusBuilder().Build();
        subscription = bus.Subscribe<string>(
            async (_, _, _) =>
            {
                handled++;
                await subscription!.DisposeAsync();
                ended.SetResult();
            },
            s => _ = mode == DeliveryMode.Inline ? s.Inline() : s);

        await bus.PublishAsync("fact");
        await ended.Task.Soon();
        await bus.PublishAsync("another");
        await bus.WhenSettled();

        Assert.Equal(1, handled);
        Assert.Empty(bus.Subscriptions);
    }

    [Fact]
    public void On_a_thread_whose_context_runs_nothing_meanwhile_all_that_is_asked_for_comes_to_its_end()
    {
        var handled = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var context = new DeafContext();

        context.Run(() =>
        {
            // What a UI thread should not do, and sometimes does: it blocks, and its context stands still.
            var bus = new EventBusBuilder().Build();
            var subscription = bus.Subscribe<string>((_, _, _) =>
            {
                handled.SetResult();
                return default;
            });
            bus.PublishAsync("fact").AsTask().Soon().GetAwaiter().GetResult();
            handled.Task.Soon().GetAwaiter().GetResult();
            subscription.DisposeAsync().AsTask().Soon().GetAwaiter().GetResult();
            bus.Dispose();
        });

        Assert.Equal(0, context.Posted);
    }

    private static bool Waits(IEventBus bus) => ((Bus)bus).Parts.Timer.Any(static _ => true);

    private static async Task CollectAsync()
    {
        await Task.Run(static () => { });
        GC.Collect();
        GC.WaitForPendingFinalizers();
    }

    private static int Alive(List<WeakReference> all) => all.Count(static reference => reference.IsAlive);

    // Apart, so that no local of the test keeps one alive.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static async Task<List<WeakReference>> ComeAndGoAsync(IEventBus bus, DeliveryMode mode)
    {
        var references = new List<WeakReference>();
        for (var i = 0; i < Many; i++)
        {
            var handled = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            var subscription = bus.Subscribe<string>(
                (_, _, _) =>
                {
                    handled.TrySetResult();
                    return default;
                },
                s => _ = mode == DeliveryMode.Inline ? s.Inline() : s.Idempotent().OrderedBy(static text => text));
            references.Add(new(subscription));
            references.Add(new(handled));
            await bus.PublishAsync("fact");
            await handled.Task.Soon();
            await subscription.DisposeAsync().AsTask().Soon();
        }

        return references;
    }

    private static async Task ComeAndGoUntilAsync(IEventBus bus, int at, CancellationToken stop)
    {
        for (var i = 0; !stop.IsCancellationRequested; i++)
        {
            var got = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            await using var subscription = bus.Subscribe<Numbered>(
                (_, _, _) =>
                {
                    got.TrySetResult();
                    return default;
                },
                s => _ = i % 3 == 0 ? s.Inline() : i % 3 == 1 ? s.Capacity(1) : s.Named($"comes-and-goes-{at}"));
            if (i % 2 == 0)
                await Task.WhenAny(got.Task, Task.Delay(Timeout.Infinite, stop));
        }
    }

    private sealed record Numbered(int Publisher, int Number);

    /// <summary>A context that keeps what it is given and runs nothing of it.</summary>
    private sealed class DeafContext : SynchronizationContext
    {
        private int _posted;

        public int Posted => Volatile.Read(ref _posted);

        public override void Post(SendOrPostCallback d, object? state) => Interlocked.Increment(ref _posted);

        public override void Send(SendOrPostCallback d, object? state) => Interlocked.Increment(ref _posted);

        public void Run(Action action)
        {
            var before = Current;
            SetSynchronizationContext(this);
            try
            {
                action();
            }
            finally
            {
                SetSynchronizationContext(before);
            }
        }
    }

    private sealed class TimersCounted : TimeProvider
    {
        private int _timers;

        public int Timers => Volatile.Read(ref _timers);

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            Interlocked.Increment(ref _timers);
            return base.CreateTimer(callback, state, dueTime, period);
        }
    }
}
