using EventBus.BehaviourTests.Support;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace EventBus.BehaviourTests;

/// <summary>What event buses are known to do wrong, each as the promise that it breaks.</summary>
public sealed class KnownFailuresTests
{
    [Fact]
    public async Task An_inline_failure_reaches_the_publisher_and_does_not_stop_the_next_handler()
    {
        var second = 0;
        var failure = new InvalidOperationException("no");
        await using var bus = new EventBusBuilder()
            .Handle<string>((_, _, _) => throw failure, s => s.Inline().Named("first").Retry(RetryPolicy.None))
            .Handle<string>(
                (_, _, _) =>
                {
                    second++;
                    return default;
                },
                s => s.Inline().Named("second"))
            .Build();

        var thrown = await Assert.ThrowsAsync<InvalidOperationException>(async () => await bus.PublishAsync("fact"));

        Assert.Same(failure, thrown);
        Assert.Equal(1, second);
    }

    [Fact]
    public async Task A_scope_lives_until_its_asynchronous_handler_has_returned()
    {
        var gate = new Gate();
        var services = new ServiceCollection();
        services.AddSingleton(gate);
        services.AddScoped<Resource>();
        services.AddEventBus(b => b.AddHandler<string, ResourceHandler>());
        await using var provider = services.BuildServiceProvider();
        var bus = provider.GetRequiredService<IEventBus>();
        await using (var request = provider.CreateAsyncScope())
            await request.ServiceProvider.GetRequiredService<IEventPublisher>().PublishAsync("fact");
        await gate.Entered.Task.Soon();

        gate.Open.SetResult();
        await bus.WhenSettled();

        Assert.False(gate.WasDisposedInside);
        Assert.True(gate.IsDisposedAfter);
    }

    [Fact]
    public async Task A_handler_of_several_base_types_of_an_event_is_called_once()
    {
        var handler = new FamilyHandler();
        var services = new ServiceCollection();
        services.AddSingleton(handler);
        services.AddEventBus(b => b.AddSubscription<FamilyHandler>("family", s => s.On<IFact>().On<Fact>()));
        await using var provider = services.BuildServiceProvider();
        var bus = provider.GetRequiredService<IEventBus>();

        await bus.PublishAsync(new SpecialFact());
        await bus.WhenSettled();

        Assert.Equal(["Fact"], handler.Calls);
    }

    [Fact]
    public async Task A_handler_that_publishes_into_its_own_full_queue_does_not_wait_for_itself()
    {
        var handled = 0;
        await using var bus = new EventBusBuilder()
            .Handle<int>(
                async (left, context, cancellationToken) =>
                {
                    handled++;
                    if (left > 0)
                        await context.Publisher.PublishAsync(left - 1, cancellationToken);
                },
                s => s.Named("self").Capacity(1).Reserve(1))
            .Build();

        await bus.PublishAsync(50).AsTask().Soon();
        await bus.PublishAsync(50).AsTask().Soon();
        await bus.WhenSettled();

        Assert.Equal(102, handled);
    }

    [Fact]
    public async Task A_handler_that_finds_the_reserve_full_too_is_told_and_comes_again_without_an_attempt_counted()
    {
        var clock = new FakeTimeProvider();
        var attempts = new List<int>();
        await using var bus = new EventBusBuilder()
            .UseTimeProvider(clock)
            .Handle<string>(
                async (@event, context, cancellationToken) =>
                {
                    if (@event != "root")
                        return;
                    attempts.Add(context.Attempt);
                    for (var i = 0; i < 3 && attempts.Count == 1; i++)
                        await context.Publisher.PublishAsync("child", cancellationToken);
                },
                s => s.Named("self").Capacity(1).Reserve(1).Retry(RetryPolicy.None))
            .Build();

        await bus.PublishAsync("root");
        await bus.WhenQuiet();
        clock.Advance(TimeSpan.FromMinutes(1));
        await bus.WhenSettled();

        Assert.Equal([1, 1], attempts);
        Assert.Equal(3, bus.Subscriptions[0].Statistics.Handled);
        Assert.Equal(0, bus.Subscriptions[0].Statistics.DeadLettered);
    }

    [Fact]
    public async Task A_ring_of_three_full_queues_goes_round()
    {
        static ValueTask Pass<T>(int left, EventContext context, T next)
            where T : notnull => left > 0 ? context.Publisher.PublishAsync(next) : default;

        await using var bus = new EventBusBuilder()
            .ConfigureSubscriptions(s =>
            {
                s.Capacity = 1;
                s.Reserve = 1;
            })
            .Handle<First>((e, context, _) => Pass(e.Left, context, new Second(e.Left - 1)), s => s.Named("first"))
            .Handle<Second>((e, context, _) => Pass(e.Left, context, new Third(e.Left - 1)), s => s.Named("second"))
            .Handle<Third>((e, context, _) => Pass(e.Left, context, new First(e.Left - 1)), s => s.Named("third"))
            .Build();

        for (var i = 0; i < 3; i++)
            await bus.PublishAsync(new First(89)).AsTask().Soon();
        await bus.WhenSettled();

        Assert.All(bus.Subscriptions, s => Assert.Equal(90, s.Statistics.Handled));
    }

    [Fact]
    public async Task Cancelling_the_publishers_request_does_not_reach_a_queued_delivery()
    {
        using var request = new CancellationTokenSource();
        bool? wasCancelled = null;
        await using var bus = new EventBusBuilder()
            .Handle<string>(
                (_, _, cancellationToken) =>
                {
                    wasCancelled = cancellationToken.IsCancellationRequested;
                    return default;
                },
                s => s.StartPaused())
            .Build();
        await bus.PublishAsync("fact", request.Token);

        await request.CancelAsync();
        bus.Subscriptions[0].Resume();
        await bus.WhenSettled();

        Assert.False(wasCancelled);
        Assert.Equal(1, bus.Subscriptions[0].Statistics.Handled);
    }

    [Fact]
    public async Task An_exception_of_a_lambda_that_nobody_awaits_becomes_a_dead_letter()
    {
        await using var bus = new EventBusBuilder()
            .Handle<string>(
                async (_, _, _) =>
                {
                    await Task.Yield();
                    throw new InvalidOperationException("lost elsewhere");
                },
                s => s.Retry(RetryPolicy.None))
            .Build();

        await bus.PublishAsync("fact");
        await bus.WhenSettled();

        var letter = Assert.Single(await bus.DeadLetters.ListAsync());
        Assert.Equal("fact", letter.Event);
        Assert.Contains("lost elsewhere", letter.ExceptionText, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_event_without_a_key_waits_for_no_other()
    {
        var secondIsDone = new TaskCompletionSource();
        await using var bus = new EventBusBuilder()
            .Handle<string>(
                async (@event, _, _) =>
                {
                    if (@event == "first")
                        await secondIsDone.Task.Soon();
                    else
                        secondIsDone.SetResult();
                },
                s => s.OrderedBy(static string? (_) => null).Concurrency(2))
            .Build();

        await bus.PublishAsync("first");
        await bus.PublishAsync("second");
        await bus.WhenSettled();

        Assert.Equal(2, bus.Subscriptions[0].Statistics.Handled);
    }

    [Fact]
    public async Task The_number_of_attempts_survives_waiting_and_pausing()
    {
        var clock = new FakeTimeProvider();
        var attempts = new List<int>();
        await using var bus = new EventBusBuilder()
            .UseTimeProvider(clock)
            .Handle<string>(
                (_, context, _) =>
                {
                    attempts.Add(context.Attempt);
                    throw new InvalidOperationException();
                },
                s => s.Retry(RetryPolicy.Fixed(3, TimeSpan.FromSeconds(1))))
            .Build();
        await bus.PublishAsync("fact");
        await bus.WhenQuiet();

        bus.Subscriptions[0].Pause();
        clock.Advance(TimeSpan.FromSeconds(1));
        await bus.WhenQuiet();
        bus.Subscriptions[0].Resume();
        await bus.WhenQuiet();
        clock.Advance(TimeSpan.FromSeconds(1));
        await bus.WhenSettled();

        Assert.Equal([1, 2, 3], attempts);
        Assert.Equal(3, Assert.Single(await bus.DeadLetters.ListAsync()).Attempts);
    }

    [Fact]
    public async Task A_stop_settles_what_was_accepted()
    {
        var entered = new TaskCompletionSource();
        var open = new TaskCompletionSource();
        await using var bus = new EventBusBuilder()
            .Handle<int>(async (number, _, _) =>
            {
                if (number != 0)
                    return;
                entered.SetResult();
                await open.Task.Soon();
            })
            .Build();
        for (var i = 0; i < 100; i++)
            await bus.PublishAsync(i);
        await entered.Task.Soon();

        var stopping = bus.StopAsync().AsTask();
        open.SetResult();
        var receipt = await stopping.Soon();

        Assert.True(receipt.IsComplete);
        Assert.Equal(100, Assert.Single(receipt.Subscriptions).Statistics.Handled);
    }

    private interface IFact;

    private class Fact : IFact;

    private sealed class SpecialFact : Fact;

    private sealed record First(int Left);

    private sealed record Second(int Left);

    private sealed record Third(int Left);

    private sealed class FamilyHandler : IEventHandler<IFact>, IEventHandler<Fact>
    {
        public List<string> Calls { get; } = [];

        public ValueTask HandleAsync(IFact @event, EventContext context, CancellationToken cancellationToken)
        {
            Calls.Add("IFact");
            return default;
        }

        public ValueTask HandleAsync(Fact @event, EventContext context, CancellationToken cancellationToken)
        {
            Calls.Add("Fact");
            return default;
        }
    }

    private sealed class Gate
    {
        public TaskCompletionSource Entered { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public TaskCompletionSource Open { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public bool WasDisposedInside { get; set; }

        public bool IsDisposedAfter { get; set; }
    }

    private sealed class Resource(Gate gate) : IDisposable
    {
        public bool IsDisposed { get; private set; }

        public void Dispose() => gate.IsDisposedAfter = IsDisposed = true;
    }

    private sealed class ResourceHandler(Gate gate, Resource resource) : IEventHandler<string>
    {
        public async ValueTask HandleAsync(string @event, EventContext context, CancellationToken cancellationToken)
        {
            gate.Entered.SetResult();
            await gate.Open.Task.Soon();
            gate.WasDisposedInside = resource.IsDisposed;
        }
    }
}
