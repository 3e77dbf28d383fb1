using EventBus.BehaviourTests.Support;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace EventBus.BehaviourTests;

/// <summary>The exception of an attempt is told, whatever becomes of the delivery.</summary>
public abstract class ToldFailureTests(DeliveryMode mode)
{
    private const int DeadLettered = 500;
    private const int AttemptFailed = 400;

    private readonly FakeTimeProvider _clock = new();

    public sealed class Queued() : ToldFailureTests(DeliveryMode.Queued);

    public sealed class Durable() : ToldFailureTests(DeliveryMode.Durable);

    public static TheoryData<string> Policies => [.. s_policies.Keys];

    private static readonly Dictionary<string, RetryPolicy> s_policies = new()
    {
        ["none"] = RetryPolicy.None,
        ["one attempt"] = RetryPolicy.Immediate(1),
        ["immediate"] = RetryPolicy.Immediate(3),
        ["fixed"] = RetryPolicy.Fixed(2, TimeSpan.FromSeconds(1)),
        ["linear"] = RetryPolicy.Linear(2, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(2)),
        ["exponential"] = RetryPolicy.Exponential(2, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(2)),
        ["no time left"] = RetryPolicy.Fixed(5, TimeSpan.FromSeconds(1)).Within(TimeSpan.FromMilliseconds(1)),
        ["throws"] = new ThrowingPolicy(),
    };

    [Theory]
    [MemberData(nameof(Policies))]
    public async Task Each_attempts_exception_is_logged_and_the_last_one_comes_with_the_dead_letter(string policy)
    {
        var gaveUp = new TaskCompletionSource<DeadLetter>(TaskCreationOptions.RunContinuationsAsynchronously);
        var log = new SignallingLog(static _ => false, new());
        List<Exception> thrown = [];
        await using var provider = new ServiceCollectionWithLog(log).Build(bus => bus
            .UseTimeProvider(_clock)
            .In(mode)
            .OnDeadLetter((letter, _) =>
            {
                gaveUp.TrySetResult(letter);
                return default;
            })
            .Handle<Fact>(
                (_, _, _) =>
                {
                    var error = new InvalidOperationException($"broken {thrown.Count}");
                    thrown.Add(error);
                    throw error;
                },
                s => s.In(mode).Timeout(Timeout.InfiniteTimeSpan).ReportStuckAfter(Timeout.InfiniteTimeSpan).Retry(s_policies[policy])));

        await provider.Bus.PublishAsync(new Fact(1));
        await log.AdvanceUntilAsync(_clock, TimeSpan.FromSeconds(1), gaveUp.Task);
        var letter = await gaveUp.Task;

        Assert.Equal(thrown[..^1], log.Entries.Where(static entry => entry.Id == AttemptFailed).Select(static entry => entry.Error));
        var told = Assert.Single(log.Entries, static entry => entry.Id == DeadLettered);
        Assert.Same(thrown[^1], told.Error);
        Assert.Same(thrown[^1], letter.Exception);
        Assert.Equal(thrown[^1].Message, letter.Description);
    }

    [Fact]
    public async Task A_refusal_by_the_handler_and_a_filter_that_throws_are_told_with_their_exceptions()
    {
        var gaveUp = new CountdownEvent(2);
        var both = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var log = new SignallingLog(static _ => false, new());
        await using var provider = new ServiceCollectionWithLog(log).Build(bus => bus
            .UseTimeProvider(_clock)
            .In(mode)
            .OnDeadLetter((_, _) =>
            {
                if (gaveUp.Signal())
                    both.TrySetResult();
                return default;
            })
            .Handle<Fact>(static (_, _, _) => throw new DoNotRetryException("refused"), s => s.In(mode, "refusing"))
            .Handle<Fact>(static (_, _, _) => default, s => s.In(mode, "filtering").Where(static _ => throw new InvalidOperationException("unfiltered")).Retry(RetryPolicy.None)));

        await provider.Bus.PublishAsync(new Fact(1));
        await both.Task.Soon();

        Assert.Equal(
            ["refused", "unfiltered"],
            log.Entries.Where(static entry => entry is { Id: DeadLettered, Level: LogLevel.Error }).Select(static entry => entry.Error!.Message).Order());
    }

    [Fact]
    public async Task A_letter_that_is_listed_has_the_exception_where_it_is_kept_in_memory()
    {
        await using var bus = new EventBusBuilder()
            .In(mode)
            .Handle<Fact>(static (_, _, _) => throw new DoNotRetryException("refused"), s => s.In(mode))
            .Build();
        await bus.PublishAsync(new Fact(1));
        await bus.WhenSettled();

        var letter = Assert.Single(await bus.DeadLetters.ListAsync());

        // The log keeps text.
        Assert.Equal(mode == DeliveryMode.Durable ? null : "refused", letter.Exception?.Message);
        Assert.Contains("refused", letter.ExceptionText, StringComparison.Ordinal);
    }

    private sealed record Fact(int Number);

    private sealed class ThrowingPolicy : RetryPolicy
    {
        public override RetryDecision Decide(in RetryAttempt attempt) => throw new NotSupportedException("undecided");
    }
}

/// <summary>The same for handlers that run in the publisher's time, and for those that were abandoned.</summary>
public sealed class ToldFailureElsewhereTests
{
    [Fact]
    public async Task An_inline_attempt_that_is_tried_again_is_logged_with_its_exception()
    {
        var log = new SignallingLog(static _ => false, new());
        var attempts = 0;
        await using var provider = new ServiceCollectionWithLog(log).Build(bus => bus.Handle<string>(
            (_, _, _) => attempts++ < 2 ? throw new InvalidOperationException($"broken {attempts}") : default,
            static s => s.Inline().Retry(RetryPolicy.Immediate(3))));

        await provider.Bus.PublishAsync("fact");

        Assert.Equal(["broken 1", "broken 2"], log.Entries.Where(static entry => entry.Id == 400).Select(static entry => entry.Error!.Message));
    }

    [Fact]
    public async Task What_an_abandoned_handler_throws_in_the_end_is_logged()
    {
        var clock = new FakeTimeProvider();
        var abandoned = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var returned = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var begun = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var release = new TaskCompletionSource();
        var log = new SignallingLog(
            line =>
            {
                if (line.Contains("was abandoned", StringComparison.Ordinal))
                    abandoned.TrySetResult();
                return line.Contains("has returned", StringComparison.Ordinal);
            },
            returned);
        await using var provider = new ServiceCollectionWithLog(log).Build(bus => bus
            .UseTimeProvider(clock)
            .Handle<string>(
                async (_, context, _) =>
                {
                    if (context.Attempt > 1)
                        return;
                    begun.SetResult();
                    await release.Task;
                    throw new InvalidOperationException("too late");
                },
                static s => s.Timeout(TimeSpan.FromSeconds(5)).ReportStuckAfter(TimeSpan.FromSeconds(1)).WhenStuck(StuckHandlerAction.Abandon).Retry(RetryPolicy.Immediate(2))));

        await provider.Bus.PublishAsync("fact");
        await begun.Task.Soon();
        clock.Advance(TimeSpan.FromSeconds(5));
        await log.AdvanceUntilAsync(clock, TimeSpan.FromSeconds(1), abandoned.Task);
        release.SetResult();
        await returned.Task.Soon();

        Assert.Equal("too late", Assert.Single(log.Entries, static entry => entry.Id == 303).Error?.Message);
    }
}
