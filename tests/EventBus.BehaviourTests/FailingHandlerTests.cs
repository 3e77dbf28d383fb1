using EventBus.BehaviourTests.Support;
using Microsoft.Extensions.DependencyInjection;

namespace EventBus.BehaviourTests;

public abstract class FailingHandlerTests(DeliveryMode mode)
{
    [Fact]
    public async Task A_handlers_own_cancellation_is_a_failure_like_any_other()
    {
        await using var bus = new EventBusBuilder()
            .In(mode)
            .Handle<string>((_, _, _) => throw new OperationCanceledException(), s => s.In(mode).Retry(RetryPolicy.Immediate(2)))
            .Build();

        await bus.PublishAsync("fact");
        await bus.WhenSettled();

        Assert.Equal(2, Assert.Single(await bus.DeadLetters.ListAsync()).Attempts);
    }

    [Fact]
    public async Task A_constructor_that_throws_is_a_failed_attempt_of_its_subscription_alone_and_is_tried_again()
    {
        var services = new ServiceCollection();
        services.AddSingleton(new Fragile.Failures { Left = 1 });
        var others = 0;
        services.AddEventBus(bus => bus
            .In(mode)
            .AddHandler<string, Fragile>(s => s.In(mode, "fragile").Retry(RetryPolicy.Immediate(3)))
            .Handle<string>(
                (_, _, _) =>
                {
                    others++;
                    return default;
                },
                s => s.In(mode, "other")));
        await using var provider = services.BuildServiceProvider(validateScopes: true);
        var bus = provider.GetRequiredService<IEventBus>();

        await bus.PublishAsync("fact");
        await bus.WhenSettled();

        Assert.Equal((1, 1), (bus.Subscriptions[0].Statistics.Retried, bus.Subscriptions[0].Statistics.Handled));
        Assert.Equal(1, others);
    }

    [Fact]
    public async Task A_poison_event_becomes_a_dead_letter_and_those_behind_it_are_delivered()
    {
        var handled = new List<int>();
        await using var bus = new EventBusBuilder()
            .In(mode)
            .Handle<int>(
                (number, _, _) =>
                {
                    if (number == 1)
                        throw new InvalidOperationException("poison");
                    handled.Add(number);
                    return default;
                },
                s => s.In(mode).Retry(RetryPolicy.Immediate(3)))
            .Build();

        await bus.PublishManyAsync([1, 2, 3]);
        await bus.WhenSettled();

        Assert.Equal([2, 3], handled);
        Assert.Equal(1, Assert.Single(await bus.DeadLetters.ListAsync()).Event);
    }

    [Fact]
    public async Task A_handler_that_throws_keeps_the_next_one_from_nothing()
    {
        var second = new List<int>();
        await using var bus = new EventBusBuilder()
            .In(mode)
            .Handle<int>(static (_, _, _) => throw new InvalidOperationException(), s => s.In(mode, "first").Retry(RetryPolicy.None))
            .Handle<int>(
                (number, _, _) =>
                {
                    second.Add(number);
                    return default;
                },
                s => s.In(mode, "second").Retry(RetryPolicy.None))
            .Build();

        await bus.PublishManyAsync([1, 2]);
        await bus.WhenSettled();

        Assert.Equal([1, 2], second);
        Assert.Equal([2, 0], bus.Subscriptions.Select(static subscription => subscription.Statistics.DeadLettered));
    }

    [Fact]
    public void The_same_handler_registered_twice_is_told_when_the_bus_is_built()
    {
        var services = new ServiceCollection();
        services.AddSingleton(new Fragile.Failures());
        services.AddEventBus(bus => bus.In(mode).AddHandler<string, Fragile>(s => s.In(mode)).AddHandler<string, Fragile>(s => s.In(mode)));
        using var provider = services.BuildServiceProvider();

        var error = Assert.Throws<EventBusConfigurationException>(() => provider.GetRequiredService<IEventBus>());

        Assert.Contains("(registrations 1 and 2)", Assert.Single(error.Errors), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_scope_that_cannot_be_disposed_is_reported_and_the_delivery_stands()
    {
        var reported = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var log = new SignallingLog(static line => line.Contains("threw when it was disposed", StringComparison.Ordinal), reported);
        var services = new ServiceCollection();
        services.AddSingleton<Microsoft.Extensions.Logging.ILoggerFactory>(log);
        services.AddScoped<Undisposable>();
        services.AddEventBus(bus => bus.In(mode).Handle<string, Undisposable>(static (_, _, _, _) => default, s => s.In(mode)));
        await using var provider = services.BuildServiceProvider(validateScopes: true);
        var bus = provider.GetRequiredService<IEventBus>();

        await bus.PublishAsync("fact");
        await bus.WhenSettled();

        await reported.Task.Soon();
        Assert.Equal(1, Assert.Single(bus.Subscriptions).Statistics.Handled);
    }

    private sealed class Fragile : IEventHandler<string>
    {
        public Fragile(Failures failures)
        {
            if (failures.Left-- > 0)
                throw new InvalidOperationException("Not yet.");
        }

        public ValueTask HandleAsync(string @event, EventContext context, CancellationToken cancellationToken) => default;

        internal sealed class Failures
        {
            public int Left { get; set; }
        }
    }

    private sealed class Undisposable : IAsyncDisposable
    {
        public ValueTask DisposeAsync() => throw new InvalidOperationException("It will not go.");
    }

    [Fact]
    public async Task An_exception_that_throws_when_it_is_read_is_a_failure_like_any_other()
    {
        await using var bus = new EventBusBuilder()
            .In(mode)
            .Handle<string>(static (_, _, _) => throw new UnreadableException(), s => s.In(mode).Retry(RetryPolicy.Immediate(2)))
            .Build();

        await bus.PublishAsync("fact");
        await bus.WhenSettled();

        var letter = Assert.Single(await bus.DeadLetters.ListAsync());
        Assert.Equal(2, letter.Attempts);
        Assert.Contains(nameof(UnreadableException), letter.ExceptionType, StringComparison.Ordinal);
        Assert.Contains("did not give its text", letter.Description, StringComparison.Ordinal);
    }

    private sealed class UnreadableException : Exception
    {
        public override string Message => throw new InvalidOperationException();

        public override string ToString() => throw new InvalidOperationException();
    }

    public sealed class Queued() : FailingHandlerTests(DeliveryMode.Queued);

    public sealed class Durable() : FailingHandlerTests(DeliveryMode.Durable);
}
