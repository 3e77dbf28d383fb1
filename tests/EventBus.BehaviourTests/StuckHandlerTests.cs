using System.Threading.Channels;
using EventBus.BehaviourTests.Support;
using Microsoft.Extensions.Time.Testing;

namespace EventBus.BehaviourTests;

public abstract class StuckHandlerTests(DeliveryMode mode)
{
    private readonly FakeTimeProvider _clock = new();
    private readonly TaskCompletionSource _begun = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _cancelled = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _release = new(TaskCreationOptions.RunContinuationsAsynchronously);

    [Fact]
    public async Task A_handler_that_takes_too_long_has_its_token_cancelled_and_the_attempt_fails_as_timed_out()
    {
        await using var bus = new EventBusBuilder()
            .In(mode)
            .UseTimeProvider(_clock)
            .Handle<string>(
                async (_, _, token) =>
                {
                    _begun.SetResult();
                    await _release.Task.WaitAsync(token);
                },
                s => s.In(mode).Timeout(TimeSpan.FromSeconds(5)).Retry(RetryPolicy.None))
            .Build();
        await bus.PublishAsync("fact");
        await _begun.Task.Soon();

        _clock.Advance(TimeSpan.FromSeconds(5));
        await bus.WhenSettled();

        var letter = Assert.Single(await bus.DeadLetters.ListAsync());
        Assert.Equal(typeof(TimeoutException).FullName, letter.ExceptionType);
    }

    [Fact]
    public async Task A_handler_that_ignores_its_token_keeps_its_slot_and_is_reported_as_stuck()
    {
        var stuck = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var log = new SignallingLog(line => line.Contains("has not returned", StringComparison.Ordinal), stuck);
        var handled = 0;
        var services = new ServiceCollectionWithLog(log);
        await using var provider = services.Build(bus => bus.In(mode).UseTimeProvider(_clock).Handle<int>(
            async (number, _, token) =>
            {
                if (number == 1)
                {
                    token.Register(_cancelled.SetResult);
                    _begun.SetResult();
                    await _release.Task;
                }

                handled++;
            },
            s => s.In(mode).Timeout(TimeSpan.FromSeconds(5)).ReportStuckAfter(TimeSpan.FromSeconds(1))));
        var bus = provider.Bus;
        await bus.PublishAsync(1);
        await bus.PublishAsync(2);
        await _begun.Task.Soon();

        _clock.Advance(TimeSpan.FromSeconds(5));
        await _cancelled.Task.Soon();
        await log.AdvanceUntilAsync(_clock, TimeSpan.FromSeconds(1), stuck.Task);

        Assert.Equal(1, Assert.Single(bus.Subscriptions).Statistics.Stuck);
        Assert.Equal(1, Assert.Single(bus.Subscriptions).Statistics.StuckNow);
        Assert.Equal(0, handled);

        _release.SetResult();
        await bus.WhenSettled();
        Assert.Equal(2, handled);
        Assert.Equal(0, Assert.Single(bus.Subscriptions).Statistics.StuckNow);
    }

    [Fact]
    public async Task An_abandoned_handler_frees_its_slot_and_its_delivery_is_tried_again()
    {
        var attempts = new List<int>();
        var second = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var abandoned = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var log = new SignallingLog(line => line.Contains("was abandoned", StringComparison.Ordinal), abandoned);
        var services = new ServiceCollectionWithLog(log);
        await using var provider = services.Build(bus => bus.In(mode).UseTimeProvider(_clock).Handle<int>(
            async (_, context, _) =>
            {
                lock (attempts)
                    attempts.Add(context.Attempt);
                if (context.Attempt == 1)
                {
                    _begun.SetResult();
                    await _release.Task;
                    return;
                }

                second.SetResult();
            },
            s => s.In(mode).Timeout(TimeSpan.FromSeconds(5)).ReportStuckAfter(TimeSpan.FromSeconds(1)).WhenStuck(StuckHandlerAction.Abandon).Retry(RetryPolicy.Immediate(2))));
        var bus = provider.Bus;
        await bus.PublishAsync(1);
        await _begun.Task.Soon();

        _clock.Advance(TimeSpan.FromSeconds(5));
        await log.AdvanceUntilAsync(_clock, TimeSpan.FromSeconds(1), abandoned.Task);
        await second.Task.Soon();
        await bus.WhenSettled();

        var statistics = Assert.Single(bus.Subscriptions).Statistics;
        Assert.Equal([1, 2], attempts);
        Assert.Equal(1, statistics.AbandonedAttempts);
        Assert.Equal(1, statistics.StuckNow);
        Assert.Equal(1, statistics.Handled);

        _release.SetResult();
    }

    [Fact]
    public async Task A_worker_without_a_timeout_is_reported_as_stuck_each_time_that_it_is()
    {
        var reports = Channel.CreateUnbounded<string>();
        var log = new SignallingLog(line => line.Contains("has not returned", StringComparison.Ordinal) && reports.Writer.TryWrite(line), new());
        var gates = Channel.CreateUnbounded<TaskCompletionSource>();
        var services = new ServiceCollectionWithLog(log);
        await using var provider = services.Build(bus => bus.UseTimeProvider(_clock).Handle<int>(
            async (_, _, _) =>
            {
                var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                gates.Writer.TryWrite(gate);
                await gate.Task;
            },
            s => s.Timeout(Timeout.InfiniteTimeSpan).ReportStuckAfter(TimeSpan.FromSeconds(1))));

        for (var i = 0; i < 2; i++)
        {
            await provider.Bus.PublishAsync(i);
            var gate = await gates.Reader.ReadAsync().AsTask().Soon();
            var reported = reports.Reader.ReadAsync().AsTask();
            await log.AdvanceUntilAsync(_clock, TimeSpan.FromSeconds(1), reported);
            gate.SetResult();
            await provider.Bus.WhenSettled();
        }

        Assert.Equal(2, Assert.Single(provider.Bus.Subscriptions).Statistics.Stuck);
    }

    [Fact]
    public async Task A_stop_ends_within_its_limit_whatever_the_handler_does_and_names_the_delivery()
    {
        await using var bus = new EventBusBuilder()
            .In(mode)
            .UseTimeProvider(_clock)
            .Handle<string>(
                async (_, _, token) =>
                {
                    token.Register(_cancelled.SetResult);
                    _begun.SetResult();
                    await _release.Task;
                },
                s => s.In(mode))
            .Build();
        await bus.PublishAsync("fact", new PublishOptions { Id = "the-one" });
        await _begun.Task.Soon();

        var stopping = bus.StopAsync(TimeSpan.FromSeconds(10)).AsTask();
        _clock.Advance(TimeSpan.FromSeconds(9));
        await _cancelled.Task.Soon();
        _clock.Advance(TimeSpan.FromSeconds(1));
        var receipt = await stopping.Soon();

        Assert.Equal("the-one", Assert.Single(Assert.Single(receipt.Subscriptions).Abandoned).Id);
        _release.SetResult();
    }

    public sealed class Queued() : StuckHandlerTests(DeliveryMode.Queued)
    {
        [Fact]
        public async Task The_report_about_a_handler_that_waits_for_another_threads_publish_names_the_full_queue()
        {
            var reported = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
            var log = new SignallingLog(line => line.Contains("has not returned", StringComparison.Ordinal) && reported.TrySetResult(line), new());
            var batch = Channel.CreateUnbounded<TaskCompletionSource>();
            var services = new ServiceCollectionWithLog(log);
            await using var provider = services.Build(bus => bus.UseTimeProvider(_clock).Handle<int>(
                async (number, _, _) =>
                {
                    if (number != 1)
                        return;
                    var published = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                    batch.Writer.TryWrite(published);
                    _begun.SetResult();
                    await published.Task;
                },
                s => s.Named("batched").Capacity(1).Timeout(Timeout.InfiniteTimeSpan).ReportStuckAfter(TimeSpan.FromSeconds(1))));
            var bus = provider.Bus;
            await bus.PublishAsync(1);
            await _begun.Task.Soon();
            await bus.PublishAsync(2).AsTask().Soon();

            // The batcher's own publish: it is below no handler, and waits for room.
            var waiting = bus.PublishAsync(3).AsTask();
            await log.AdvanceUntilAsync(_clock, TimeSpan.FromSeconds(1), reported.Task);

            Assert.False(waiting.IsCompleted);
            Assert.Contains("Publishers wait for room in the queue of 'batched'", await reported.Task);
            (await batch.Reader.ReadAsync().AsTask().Soon()).SetResult();
            await waiting.Soon();
            await bus.WhenSettled();
        }
    }

    public sealed class Durable() : StuckHandlerTests(DeliveryMode.Durable);
}
