using EventBus.BehaviourTests.Support;
using EventBus.Storage;
using Microsoft.Extensions.Time.Testing;

namespace EventBus.BehaviourTests;

public sealed class PrivacyTests
{
    [Fact]
    public async Task Nothing_that_a_publisher_gives_can_forge_a_log_line_and_no_event_is_logged()
    {
        var given = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var log = new SignallingLog(static line => line.Contains("gave up", StringComparison.Ordinal), given);
        await using var provider = new ServiceCollectionWithLog(log).Build(bus => bus.Handle<Secret>(
            static (_, _, _) => throw new InvalidOperationException(), static s => s.Retry(RetryPolicy.Immediate(2)).OrderedBy(static secret => secret.Number)));

        await provider.Bus.PublishAsync(
            new Secret("4111 1111 1111 1111"),
            new PublishOptions { Id = "1\r\nforged", Key = "k\nforged", Headers = new Dictionary<string, string> { ["a\nb"] = "c\nd" } });
        await provider.Bus.WhenSettled();

        await given.Task.Soon();
        Assert.All(log.Lines, static line => Assert.DoesNotContain('\n', line));
        Assert.All(log.Lines, static line => Assert.DoesNotContain("4111", line, StringComparison.Ordinal));
    }

    [Fact]
    public async Task No_id_of_a_lost_event_can_forge_a_log_line()
    {
        var clock = new FakeTimeProvider();
        var log = new SignallingLog(static _ => false, new TaskCompletionSource());
        await using var provider = new ServiceCollectionWithLog(log).Build(bus => bus
            .UseTimeProvider(clock)
            .UseDeadLetterStore(new InMemoryDeadLetterStore(1))
            .Handle<Secret>(static (_, _, _) => default, static s => s.Named("dropping").Capacity(1).WhenFull(QueueFullMode.DropNewest).StartPaused())
            .Handle<Secret>(static (_, _, _) => default, static s => s.Named("late").StartPaused())
            .Handle<Secret>(static (_, _, _) => throw new DoNotRetryException(), static s => s.Named("failing")));
        var bus = provider.Bus;

        for (var number = 1; number <= 2; number++)
            await bus.PublishAsync(new Secret("4111"), new PublishOptions { Id = $"{number}\r\nforged", TimeToLive = TimeSpan.FromMinutes(1) });
        await bus.WhenQuiet();
        clock.Advance(TimeSpan.FromMinutes(2));
        foreach (var paused in bus.Subscriptions)
            paused.Resume();
        await bus.WhenSettled();

        Assert.All(["dropped", "after its time to live", "lost the oldest"], text => Assert.Contains(log.Lines, line => line.Contains(text, StringComparison.Ordinal) && line.Contains("forged", StringComparison.Ordinal)));
        Assert.All(log.Lines, static line => Assert.DoesNotContain('\n', line));
    }

    [Fact]
    public async Task Nothing_of_a_durable_event_is_logged_and_nothing_that_its_publisher_gives_can_forge_a_log_line()
    {
        using var events = new InMemoryEventLog();
        var clock = new FakeTimeProvider();
        var log = new SignallingLog(static _ => false, new TaskCompletionSource());
        await using var provider = new ServiceCollectionWithLog(log).Build(bus => bus
            .UseEventLog(events)
            .UseTimeProvider(clock)
            .Handle<Secret>(static (_, _, _) => throw new InvalidOperationException(), static s => s.Named("failing").Durable().Idempotent().OrderedBy(static secret => secret.Number).Retry(RetryPolicy.Fixed(2, TimeSpan.FromMinutes(1)))));
        var bus = provider.Bus;

        var options = new PublishOptions { Id = "1\r\nforged", Key = "k\nforged", Headers = new Dictionary<string, string> { ["a\nb"] = "c\nd" } };
        await bus.PublishAsync(new Secret("4111 1111 1111 1111"), options);
        await bus.PublishAsync(new Secret("4111 2222 2222 2222"), options);
        await bus.WhenQuiet();
        clock.Advance(TimeSpan.FromMinutes(1));
        await bus.WhenSettled();
        await bus.StopAsync();

        Assert.All(["Next attempt", "gave up", "another body"], text => Assert.Contains(log.Lines, line => line.Contains(text, StringComparison.Ordinal) && line.Contains("forged", StringComparison.Ordinal)));
        Assert.All(log.Lines, static line => Assert.DoesNotContain('\n', line));
        Assert.All(log.Lines, static line => Assert.DoesNotContain("4111", line, StringComparison.Ordinal));
    }

    private sealed record Secret(string Number);
}
