using EventBus.BehaviourTests.Support;
using Microsoft.Extensions.Time.Testing;

namespace EventBus.BehaviourTests;

/// <summary>Inline handlers that run at once, that are tried again, and that take too long.</summary>
public sealed class InlineModesTests
{
    private readonly FakeTimeProvider _clock = new();

    [Fact]
    public async Task Inline_handlers_of_a_concurrent_event_run_at_once_and_are_all_awaited()
    {
        var both = new HeldHandler(2);
        await using var bus = new EventBusBuilder()
            .AddEvent<IFact>(static e => e.InlineConcurrently())
            .Handle<Fact>((_, _, _) => both.HoldAsync(), s => s.Inline())
            .Handle<Fact>((_, _, _) => both.HoldAsync(), s => s.Inline())
            .Build();

        var publish = bus.PublishAsync(new Fact()).AsTask();
        await both.Entered;

        Assert.False(publish.IsCompleted);
        both.Open();
        await publish.Soon();
        Assert.All(bus.Subscriptions, static subscription => Assert.Equal(1, subscription.Statistics.Handled));
    }

    [Fact]
    public async Task Inline_handlers_of_other_events_run_one_after_the_other()
    {
        var first = new HeldHandler();
        var second = 0;
        await using var bus = new EventBusBuilder()
            .AddEvent<Fact>(static e => e.InlineConcurrently())
            .Handle<string>((_, _, _) => first.HoldAsync(), s => s.Inline())
            .Handle<string>((_, _, _) => Count(ref second), s => s.Inline())
            .Build();

        var publish = bus.PublishAsync("fact").AsTask();
        await first.Entered;

        Assert.Equal(0, second);
        first.Open();
        await publish.Soon();
        Assert.Equal(1, second);
    }

    [Fact]
    public async Task All_failures_of_concurrent_handlers_are_told_together_in_the_order_of_registration()
    {
        var open = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var late = new InvalidOperationException("late");
        var early = new InvalidOperationException("early");
        var handled = 0;
        await using var bus = new EventBusBuilder()
            .AddEvent<Fact>(static e => e.InlineConcurrently())
            .Handle<Fact>(
                async (_, _, _) =>
                {
                    await open.Task;
                    throw late;
                },
                s => s.Inline())
            .Handle<Fact>((_, _, _) => throw early, s => s.Inline())
            .Handle<Fact>((_, _, _) => Count(ref handled), s => s.Inline())
            .Build();

        var publish = bus.PublishAsync(new Fact()).AsTask();
        open.SetResult();

        var thrown = await Assert.ThrowsAsync<AggregateException>(() => publish.Soon());
        Assert.Equal([late, early], thrown.InnerExceptions);
        Assert.Equal(1, handled);
        Assert.Equal([1, 1, 0], bus.Subscriptions.Select(static subscription => subscription.Statistics.Failed));
    }

    [Fact]
    public async Task Each_of_concurrent_handlers_sees_its_own_subscription()
    {
        var both = new HeldHandler(2);
        var seen = new string[2];
        await using var bus = new EventBusBuilder()
            .AddEvent<Fact>(static e => e.InlineConcurrently())
            .Handle<Fact>((_, context, _) => NoteAsync(0, context), s => s.Inline().Named("first"))
            .Handle<Fact>((_, context, _) => NoteAsync(1, context), s => s.Inline().Named("second"))
            .Build();

        var publish = bus.PublishAsync(new Fact()).AsTask();
        await both.Entered;
        both.Open();
        await publish.Soon();

        Assert.Equal(["first", "second"], seen);

        async ValueTask NoteAsync(int place, EventContext context)
        {
            await both.HoldAsync();
            seen[place] = context.Subscription;
        }
    }

    [Fact]
    public async Task A_failed_inline_handler_is_tried_again_after_its_delay_in_the_publishers_time()
    {
        var attempts = new List<int>();
        await using var bus = Failing(attempts, RetryPolicy.Fixed(2, TimeSpan.FromSeconds(10)));

        var publish = bus.PublishAsync("fact").AsTask();
        _clock.Advance(TimeSpan.FromSeconds(9));
        Assert.Equal([1], attempts);
        Assert.False(publish.IsCompleted);
        _clock.Advance(TimeSpan.FromSeconds(1));
        await publish.Soon();

        Assert.Equal([1, 2], attempts);
        var statistics = Assert.Single(bus.Subscriptions).Statistics;
        Assert.Equal((1, 1, 0), (statistics.Retried, statistics.Handled, statistics.Failed));
    }

    [Fact]
    public async Task After_its_last_attempt_an_inline_handlers_failure_goes_to_the_publisher_and_leaves_no_dead_letter()
    {
        var attempts = new List<int>();
        await using var bus = Failing(attempts, RetryPolicy.Immediate(3), until: 4);

        var thrown = await Assert.ThrowsAsync<InvalidOperationException>(async () => await bus.PublishAsync("fact"));

        Assert.Equal("attempt 3", thrown.Message);
        Assert.Equal([1, 2, 3], attempts);
        Assert.Equal(0, await bus.DeadLetters.CountAsync());
        Assert.Equal((2, 1), (bus.Subscriptions[0].Statistics.Retried, bus.Subscriptions[0].Statistics.Failed));
    }

    [Fact]
    public async Task A_publisher_that_cancels_while_its_inline_handler_waits_for_a_retry_is_not_kept()
    {
        var attempts = new List<int>();
        await using var bus = Failing(attempts, RetryPolicy.Fixed(2, TimeSpan.FromSeconds(10)));
        using var gone = new CancellationTokenSource();
        var publish = bus.PublishAsync("fact", gone.Token).AsTask();

        await gone.CancelAsync();

        var thrown = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => publish.Soon());
        Assert.Equal(gone.Token, thrown.CancellationToken);
        Assert.Equal([1], attempts);
    }

    [Fact]
    public async Task An_inline_handler_that_takes_too_long_has_its_token_cancelled_and_fails_the_publish_as_timed_out()
    {
        await using var bus = new EventBusBuilder()
            .UseTimeProvider(_clock)
            .Handle<string>(static (_, _, token) => new(new TaskCompletionSource().Task.WaitAsync(token)), static s => s.Inline().Timeout(TimeSpan.FromSeconds(5)))
            .Build();

        var publish = bus.PublishAsync("fact").AsTask();
        _clock.Advance(TimeSpan.FromSeconds(5));

        var thrown = await Assert.ThrowsAsync<TimeoutException>(() => publish.Soon());
        Assert.Contains("'System.String-1'", thrown.Message, StringComparison.Ordinal);
        Assert.IsAssignableFrom<OperationCanceledException>(thrown.InnerException);
    }

    [Fact]
    public async Task The_publisher_waits_for_an_inline_handler_that_ignores_its_timeout_and_what_it_returns_stands()
    {
        var cancelled = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var held = new HeldHandler();
        await using var bus = new EventBusBuilder()
            .UseTimeProvider(_clock)
            .Handle<string>(
                (_, _, token) =>
                {
                    token.Register(cancelled.SetResult);
                    return held.HoldAsync();
                },
                s => s.Inline().Timeout(TimeSpan.FromSeconds(5)))
            .Build();
        var publish = bus.PublishAsync("fact").AsTask();

        _clock.Advance(TimeSpan.FromSeconds(5));
        await cancelled.Task.Soon();

        Assert.False(publish.IsCompleted);
        held.Open();
        await publish.Soon();
        Assert.Equal(1, bus.Subscriptions[0].Statistics.Handled);
    }

    [Fact]
    public async Task An_inline_handler_that_timed_out_is_tried_again_with_a_fresh_token()
    {
        var attempts = new List<(int Number, bool IsCancelled)>();
        await using var bus = new EventBusBuilder()
            .UseTimeProvider(_clock)
            .Handle<string>(
                (_, context, token) =>
                {
                    attempts.Add((context.Attempt, token.IsCancellationRequested));
                    return context.Attempt == 1 ? new(new TaskCompletionSource().Task.WaitAsync(token)) : default;
                },
                s => s.Inline().Timeout(TimeSpan.FromSeconds(5)).Retry(RetryPolicy.Immediate(2)))
            .Build();

        var publish = bus.PublishAsync("fact").AsTask();
        _clock.Advance(TimeSpan.FromSeconds(5));
        await publish.Soon();

        Assert.Equal([(1, false), (2, false)], attempts);
    }

    private static ValueTask Count(ref int count)
    {
        count++;
        return default;
    }

    /// <summary>A bus with an inline handler that fails until a certain attempt.</summary>
    private IEventBus Failing(List<int> attempts, RetryPolicy policy, int until = 2) => new EventBusBuilder()
        .UseTimeProvider(_clock)
        .Handle<string>(
            (_, context, _) =>
            {
                attempts.Add(context.Attempt);
                return context.Attempt < until ? throw new InvalidOperationException($"attempt {context.Attempt}") : default;
            },
            s => s.Inline().Retry(policy))
        .Build();

    private interface IFact;

    private sealed record Fact : IFact;
}
