using EventBus.Storage;
using Microsoft.Extensions.DependencyInjection;

namespace EventBus.Testing.Tests.Interleaving;

/// <summary>Everything that a bus does is done in a seeded run, and keeps its promises in each interleaving.</summary>
public sealed class EveryModeTests
{
    private const int Times = 100;

    private static readonly TimeSpan s_safetyNet = TimeSpan.FromMinutes(5);

    private sealed record Placed(int Number, string Customer = "");

    private sealed record Shipped(int Number);

    [Fact]
    public Task Queued_events_are_handled_in_order_while_publishers_go_on() => RunAsync(async run =>
    {
        var handled = new List<int>();
        await using var bus = new EventBusBuilder().Handle<Placed>((e, _, _) => Add(handled, e.Number)).Build();

        for (var number = 0; number < 10; number++)
            await bus.PublishAsync(new Placed(number));
        await run.WhenQuietAsync();

        Assert.Equal(Enumerable.Range(0, 10), handled);
    });

    [Fact]
    public Task Events_of_a_key_keep_their_order_and_others_overtake() => RunAsync(async run =>
    {
        var handled = new List<Placed>();
        await using var bus = new EventBusBuilder().Handle<Placed>(
            async (e, _, _) =>
            {
                await Task.Yield();
                handled.Add(e);
            },
            static s => s.Concurrency(3).OrderedBy(static e => e.Customer)).Build();

        await Task.WhenAll(new[] { "anna", "bert", "cara" }.Select(async customer =>
        {
            for (var number = 0; number < 4; number++)
                await bus.PublishAsync(new Placed(number, customer));
        }));
        await run.WhenQuietAsync();

        Assert.All(handled.GroupBy(static e => e.Customer), static key => Assert.Equal([0, 1, 2, 3], key.Select(static e => e.Number)));
        Assert.Equal(12, handled.Count);
    });

    [Fact]
    public Task A_failed_delivery_is_retried_at_its_time_and_given_up_after_its_last() => RunAsync(async run =>
    {
        var attempts = new List<TimeSpan>();
        await using var bus = new EventBusBuilder().Handle<Placed>(
            (_, _, _) =>
            {
                attempts.Add(run.Time.GetElapsedTime(0));
                throw new InvalidOperationException("broken");
            },
            static s => s.Retry(RetryPolicy.Fixed(3, TimeSpan.FromSeconds(10)))).Build();

        await bus.PublishAsync(new Placed(1));
        await run.AdvanceAsync(TimeSpan.FromSeconds(10));
        Assert.Equal(2, attempts.Count);
        await run.AdvanceAsync(TimeSpan.FromSeconds(10));

        Assert.Equal([TimeSpan.Zero, TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(20)], attempts);
        Assert.Single(await bus.DeadLetters.ListAsync());
    });

    [Fact]
    public Task A_publisher_waits_for_room_and_goes_on() => RunAsync(async run =>
    {
        var handled = new List<int>();
        var gate = new TaskCompletionSource();
        await using var bus = new EventBusBuilder().Handle<Placed>(
            async (e, _, _) =>
            {
                await gate.Task;
                handled.Add(e.Number);
            },
            static s => s.Capacity(1)).Build();

        var publishing = PublishAsync();
        await run.WhenQuietAsync();
        Assert.False(publishing.IsCompleted);
        gate.SetResult();
        await publishing;
        await run.WhenQuietAsync();

        Assert.Equal([0, 1, 2, 3, 4], handled);

        async Task PublishAsync()
        {
            for (var number = 0; number < 5; number++)
                await bus.PublishAsync(new Placed(number));
        }
    });

    [Fact]
    public Task A_durable_subscription_gets_every_committed_event_once_across_a_restart() => RunAsync(async run =>
    {
        var log = new InMemoryEventLog();
        var handled = new List<int>();

        for (var start = 0; start < 2; start++)
        {
            await using var bus = new EventBusBuilder().UseEventLog(log)
                .Handle<Placed>(
                    async (e, context, _) =>
                    {
                        await Task.Yield();
                        if (e.Number % 4 == 3 && context.Attempt == 1)
                            throw new InvalidOperationException("not yet");
                        handled.Add(e.Number);
                    },
                    static s => s.Named("book").Durable().Concurrency(2))
                .Build();
            await bus.StartAsync();
            await Task.WhenAll(PublishAsync(bus, start * 10), PublishAsync(bus, (start * 10) + 5));
        }

        await using var last = new EventBusBuilder().UseEventLog(log).Handle<Placed>((e, _, _) => Add(handled, e.Number), static s => s.Named("book").Durable()).Build();
        await last.StartAsync();
        await run.AdvanceAsync(TimeSpan.FromMinutes(1));

        Assert.Equal(Enumerable.Range(0, 20), handled.Order());

        static async Task PublishAsync(IEventBus bus, int first)
        {
            for (var number = first; number < first + 5; number++)
                await bus.PublishAsync(new Placed(number));
        }
    });

    [Fact]
    public Task An_idempotent_subscription_handles_an_id_once_whoever_comes_first() => RunAsync(async run =>
    {
        var handled = 0;
        await using var bus = new EventBusBuilder().Handle<Placed>(
            async (_, _, _) =>
            {
                await Task.Yield();
                handled++;
            },
            static s => s.Concurrency(4).Idempotent()).Build();

        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => bus.PublishAsync(new Placed(1), new PublishOptions { Id = "one" }).AsTask()));
        await run.AdvanceAsync(TimeSpan.FromMinutes(5));

        Assert.Equal(1, handled);
    });

    [Fact]
    public Task A_timeout_cancels_and_a_handler_may_wait_for_the_runs_time() => RunAsync(async run =>
    {
        var ends = new List<string>();
        await using var bus = new EventBusBuilder().Handle<Placed>(
            async (e, _, token) =>
            {
                try
                {
                    await Task.Delay(TimeSpan.FromSeconds(e.Number), run.Time, token);
                    ends.Add($"{e.Number} done");
                }
                catch (OperationCanceledException)
                {
                    ends.Add($"{e.Number} cancelled");
                    throw;
                }
            },
            static s => s.Concurrency(2).Timeout(TimeSpan.FromSeconds(5)).Retry(RetryPolicy.None)).Build();

        await bus.PublishAsync(new Placed(4));
        await bus.PublishAsync(new Placed(60));
        await run.AdvanceAsync(TimeSpan.FromSeconds(20));

        Assert.Equal(["4 done", "60 cancelled"], ends);
    });

    [Fact]
    public Task A_stop_accounts_for_all_and_a_start_goes_on() => RunAsync(async run =>
    {
        var handled = 0;
        await using var bus = new EventBusBuilder().Handle<Placed>(
            async (e, context, token) =>
            {
                await Task.Yield();
                handled++;
                if (e.Number < 3)
                    await context.Publisher.PublishAsync(new Placed(e.Number + 10), token);
            },
            static s => s.Concurrency(2)).Build();
        for (var number = 0; number < 5; number++)
            await bus.PublishAsync(new Placed(number));

        var receipt = await bus.StopAsync();

        Assert.True(receipt.IsComplete);
        Assert.Equal(8, handled);
        await Assert.ThrowsAsync<EventBusStoppedException>(() => bus.PublishAsync(new Placed(0)).AsTask());
        await bus.StartAsync();
        await bus.PublishAsync(new Placed(9));
        await run.WhenQuietAsync();
        Assert.Equal(9, handled);
    });

    [Fact]
    public Task Scheduled_events_come_in_order_of_their_time_also_from_the_log() => RunAsync(async run =>
    {
        var handled = new List<string>();
        await using var bus = new EventBusBuilder().UseEventLog(static _ => new InMemoryEventLog())
            .Handle<Placed>((e, _, _) => Add(handled, $"placed {e.Number}"), static s => s.Named("durable").Durable())
            .Handle<Shipped>((e, _, _) => Add(handled, $"shipped {e.Number}"))
            .Build();
        await bus.StartAsync();

        await bus.ScheduleAsync(new Placed(3), TimeSpan.FromSeconds(3));
        await bus.ScheduleAsync(new Shipped(2), TimeSpan.FromSeconds(2));
        await bus.ScheduleAsync(new Placed(1), TimeSpan.FromSeconds(1));
        await run.AdvanceAsync(TimeSpan.FromSeconds(3));

        Assert.Equal(["placed 1", "shipped 2", "placed 3"], handled);
    });

    [Fact]
    public Task A_container_gives_a_bus_of_the_run_and_disposes_it_without_waiting_for_ever() => RunAsync(async run =>
    {
        var handled = new List<int>();
        var services = new ServiceCollection();
        services.AddSingleton(TimeProvider.System);
        services.AddEventBus(bus => bus.Handle<Placed>(async (e, _, _) =>
        {
            await Task.Yield();
            handled.Add(e.Number);
        }));
        using (var provider = services.BuildServiceProvider())
        {
            await provider.GetRequiredService<IEventPublisher>().PublishAsync(new Placed(1));
            await provider.GetRequiredService<IEventPublisher>().PublishAsync(new Placed(2));
        }

        Assert.Equal([1, 2], handled);
    });

    [Fact]
    public Task A_subscription_that_ends_lets_nobody_hang() => RunAsync(async run =>
    {
        var handled = 0;
        await using var bus = new EventBusBuilder().Build();
        var subscription = bus.Subscribe<Placed>(
            async (_, _, _) =>
            {
                await Task.Yield();
                handled++;
            },
            static s => s.Capacity(1));

        var publishing = Task.WhenAll(Enumerable.Range(0, 5).Select(number => bus.PublishAsync(new Placed(number)).AsTask()));
        await subscription.DisposeAsync();
        await publishing;

        Assert.InRange(handled, 0, 5);
    });

    private static ValueTask Add<T>(List<T> list, T item)
    {
        list.Add(item);
        return default;
    }

    private static Task RunAsync(Func<SeededRun, Task> test) => Interleavings.RunAsync(Times, test).WaitAsync(s_safetyNet);
}
