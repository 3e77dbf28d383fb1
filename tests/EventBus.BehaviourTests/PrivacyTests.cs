using EventBus.BehaviourTests.Support;

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

    private sealed record Secret(string Number);
}
