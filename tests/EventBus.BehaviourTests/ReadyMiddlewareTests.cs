using EventBus.BehaviourTests.Support;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace EventBus.BehaviourTests;

/// <summary>The middleware that is there: validation, exception mapping, a logging scope.</summary>
public sealed class ReadyMiddlewareTests
{
    [Theory]
    [InlineData(DeliveryMode.Queued)]
    [InlineData(DeliveryMode.Durable)]
    public async Task An_event_that_is_not_valid_is_not_retried_and_its_dead_letter_says_what_is_wrong(DeliveryMode mode)
    {
        var handled = new List<int>();
        await using var bus = new EventBusBuilder().In(mode)
            .Handle<Paid>(
                (paid, _, _) =>
                {
                    handled.Add(paid.Amount);
                    return default;
                },
                s => s.In(mode).Retry(RetryPolicy.Immediate(5)).Validate(static paid => paid.Amount > 0 ? null : "the amount is not positive"))
            .Build();

        await bus.PublishManyAsync([new Paid(-1), new Paid(1)]);
        await bus.WhenSettled();

        var letter = Assert.Single(await bus.DeadLetters.ListAsync(new DeadLetterQuery()));
        Assert.Equal([1], handled);
        Assert.Equal((DeadLetterReason.RefusedByHandler, 1), (letter.Reason, letter.Attempts));
        Assert.EndsWith("is not valid: the amount is not positive", letter.Description, StringComparison.Ordinal);
        Assert.Equal(typeof(InvalidEventException).FullName, letter.ExceptionType);
    }

    [Fact]
    public async Task The_publisher_of_an_event_that_is_not_valid_is_told_by_an_inline_subscription()
    {
        await using var bus = new EventBusBuilder()
            .AddEvent<Paid>(static e => e.Validate(static paid => paid.Amount > 0 ? null : "the amount is not positive"))
            .Handle<Paid>(static (_, _, _) => default, static s => s.Inline().Retry(RetryPolicy.Immediate(5)))
            .Build();

        var error = await Assert.ThrowsAsync<InvalidEventException>(async () => await bus.PublishAsync(new Paid(0)));

        Assert.EndsWith("the amount is not positive", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_exception_that_is_mapped_decides_about_the_retry()
    {
        await using var bus = new EventBusBuilder()
            .MapException<TimeoutException>(static error => new DoNotRetryException("gone for good", error))
            .Handle<Paid>(static (_, _, _) => throw new TimeoutException(), static s => s.Retry(RetryPolicy.Immediate(5)))
            .Build();

        await bus.PublishAsync(new Paid(1));
        await bus.WhenSettled();

        var letter = Assert.Single(await bus.DeadLetters.ListAsync(new DeadLetterQuery()));
        Assert.Equal((DeadLetterReason.RefusedByHandler, 1, "gone for good"), (letter.Reason, letter.Attempts, letter.Description));
    }

    [Fact]
    public async Task An_exception_that_is_not_mapped_stays_what_it_is()
    {
        await using var bus = new EventBusBuilder()
            .AddEvent<Paid>(static e => e.MapException<TimeoutException>(static _ => null))
            .Handle<Paid>(
                static async (_, context, _) =>
                {
                    await Task.Yield();
                    throw context.Attempt == 1 ? new TimeoutException("as it was") : new InvalidOperationException("another");
                },
                static s => s.Retry(RetryPolicy.Immediate(2)).MapException<InvalidCastException>(static error => new DoNotRetryException("never", error)))
            .Build();

        await bus.PublishAsync(new Paid(1));
        await bus.WhenSettled();

        var letter = Assert.Single(await bus.DeadLetters.ListAsync(new DeadLetterQuery()));
        Assert.Equal(("another", 2), (letter.Description, letter.Attempts));
    }

    [Fact]
    public async Task A_handler_that_found_no_room_in_its_own_bus_has_not_failed_whatever_is_mapped()
    {
        var clock = new FakeTimeProvider();
        var calls = 0;
        await using var bus = new EventBusBuilder()
            .UseTimeProvider(clock)
            .MapException<Exception>(static error => new DoNotRetryException("never", error))
            .Handle<Paid>((_, _, _) => calls++ == 0 ? throw new QueueFullException("Paid", [], []) : default)
            .Build();

        await bus.PublishAsync(new Paid(1));
        await bus.WhenQuiet();
        clock.Advance(TimeSpan.FromMinutes(1));
        await bus.WhenSettled();

        Assert.Equal(2, calls);
        Assert.Equal(1, bus.Subscriptions[0].Statistics.Handled);
    }

    [Fact]
    public async Task What_a_handler_logs_carries_the_ids_of_its_event()
    {
        var scopes = new ScopeLog();
        await using var provider = new ServiceCollection()
            .AddSingleton<ILoggerFactory>(scopes)
            .AddSingleton(typeof(ILogger<>), typeof(Logger<>))
            .AddEventBus(static bus => bus.AddLoggingScope().Handle<Paid, ILogger<Paid>>(
                static async (_, log, _, _) =>
                {
                    await Task.Yield();
#pragma warning disable CA1848, CA2254 // One line of a test.
                    log.LogInformation("paid");
#pragma warning restore CA1848, CA2254
                },
                static s => s.Named("payments")))
            .BuildServiceProvider();
        var bus = provider.GetRequiredService<IEventBus>();

        await bus.PublishAsync(new Paid(1), new PublishOptions { Id = "the\nid", CorrelationId = "visit" });
        await bus.WhenSettled();

        var properties = scopes.Of("paid");
        Assert.Equal(("payments", typeof(Paid).FullName, "the\\u000Aid"), (properties["Subscription"], properties["EventType"], properties["Id"]));
        Assert.Equal(("visit", null, 1), (properties["CorrelationId"], properties["CausationId"], properties["Attempt"]));
    }

    private sealed record Paid(int Amount);

    /// <summary>Keeps with each line the properties of the scopes that it was logged in.</summary>
    private sealed class ScopeLog : ILoggerFactory, ILogger
    {
        private readonly Dictionary<string, Dictionary<string, object?>> _lines = [];
        private readonly LoggerExternalScopeProvider _scopes = new();

        public Dictionary<string, object?> Of(string line) => _lines[line];

        public ILogger CreateLogger(string categoryName) => this;

        public void AddProvider(ILoggerProvider provider)
        {
        }

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => _scopes.Push(state);

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            var properties = new Dictionary<string, object?>();
            _scopes.ForEachScope(
                static (scope, all) =>
                {
                    foreach (var (name, value) in (IReadOnlyList<KeyValuePair<string, object?>>)scope!)
                        all[name] = value;
                },
                properties);
            lock (_lines)
                _lines[formatter(state, exception)] = properties;
        }

        public void Dispose()
        {
        }
    }
}
