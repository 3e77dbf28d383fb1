namespace EventBus.BehaviourTests;

public sealed class InlineTests
{
    [Fact]
    public async Task Inline_handlers_run_in_the_order_of_their_registration_before_the_publish_completes()
    {
        var calls = new List<int>();
        await using var bus = new EventBusBuilder()
            .Handle<string>((_, _, _) => Add(1), s => s.Inline())
            .Handle<string>((_, _, _) => Add(2), s => s.Inline())
            .Handle<string>((_, _, _) => Add(3), s => s.Inline())
            .Build();

        await bus.PublishAsync("fact");

        Assert.Equal([1, 2, 3], calls);

        ValueTask Add(int number)
        {
            calls.Add(number);
            return default;
        }
    }

    [Fact]
    public async Task One_failure_reaches_the_publisher_as_it_is_after_the_other_handlers_ran()
    {
        var failure = new InvalidOperationException("no");
        var ran = false;
        await using var bus = new EventBusBuilder()
            .Handle<string>((_, _, _) => throw failure, s => s.Inline())
            .Handle<string>(
                (_, _, _) =>
                {
                    ran = true;
                    return default;
                },
                s => s.Inline())
            .Build();

        var thrown = await Assert.ThrowsAsync<InvalidOperationException>(async () => await bus.PublishAsync("fact"));

        Assert.Same(failure, thrown);
        Assert.True(ran);
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(false, true)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public async Task Each_handler_in_turn_sees_its_own_subscription_and_its_context_ends_with_it(bool oneIsFiltered, bool oneFails)
    {
        var seen = new List<string>();
        var kept = new List<EventContext>();
        var endedBefore = 0;
        await using var bus = new EventBusBuilder()
            .Handle<string>((_, context, _) => Note(context), s => s.Inline().Named("first"))
            .Handle<string>((_, context, _) => oneFails ? throw new InvalidOperationException() : Note(context), s => s.Inline().Named("second"))
            .Handle<string>((_, context, _) => Note(context), s => _ = oneIsFiltered ? s.Inline().Named("third").Where(static _ => true) : s.Inline().Named("third"))
            .Build();

        for (var i = 0; i < 2; i++)
            await Record.ExceptionAsync(async () => await bus.PublishAsync("fact"));

        string[] expected = oneFails ? ["first", "third"] : ["first", "second", "third"];
        Assert.Equal([.. expected, .. expected], seen);
        Assert.Equal(Enumerable.Range(0, kept.Count).Sum(), endedBefore);
        Assert.All(kept, static context => Assert.Throws<InvalidOperationException>(() => context.Subscription));

        ValueTask Note(EventContext context)
        {
            seen.Add(context.Subscription);
            endedBefore += kept.Count(static before => Record.Exception(() => before.Subscription) is InvalidOperationException);
            kept.Add(context);
            return default;
        }
    }

    [Fact]
    public async Task Several_failures_reach_the_publisher_together()
    {
        var first = new InvalidOperationException("first");
        var second = new InvalidOperationException("second");
        await using var bus = new EventBusBuilder()
            .Handle<string>((_, _, _) => throw first, s => s.Inline())
            .Handle<string>((_, _, _) => throw second, s => s.Inline())
            .Build();

        var thrown = await Assert.ThrowsAsync<AggregateException>(async () => await bus.PublishAsync("fact"));

        Assert.Equal([first, second], thrown.InnerExceptions);
    }

    [Fact]
    public async Task Publish_exception_of_a_handler_is_wrapped_because_the_event_itself_was_accepted()
    {
        var failure = new PublishException("another event");
        await using var bus = new EventBusBuilder().Handle<string>((_, _, _) => throw failure, s => s.Inline()).Build();

        var thrown = await Assert.ThrowsAsync<AggregateException>(async () => await bus.PublishAsync("fact"));

        Assert.Equal([failure], thrown.InnerExceptions);
    }

    [Fact]
    public async Task Publishers_own_token_reaches_the_handler_and_its_cancellation_comes_back_without_a_retry()
    {
        using var source = new CancellationTokenSource();
        var attempts = 0;
        await using var bus = new EventBusBuilder()
            .Handle<string>(
                (_, _, token) =>
                {
                    attempts++;
                    source.Cancel();
                    token.ThrowIfCancellationRequested();
                    return default;
                },
                s => s.Inline().Retry(RetryPolicy.Immediate(3)))
            .Build();

        var thrown = await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await bus.PublishAsync("fact", source.Token));

        Assert.Equal(source.Token, thrown.CancellationToken);
        Assert.Equal(1, attempts);
    }

    [Fact]
    public async Task An_inline_subscription_says_that_it_cannot_be_paused()
    {
        await using var bus = new EventBusBuilder()
            .Handle<string>(static (_, _, _) => default, static s => s.Named("inline").Inline())
            .Build();

        var error = Assert.Throws<InvalidOperationException>(bus.Subscriptions[0].Pause);

        Assert.Contains("'inline' is inline", error.Message, StringComparison.Ordinal);
    }
}
