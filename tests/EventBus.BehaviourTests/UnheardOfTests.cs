using EventBus.BehaviourTests.Support;
using Microsoft.Extensions.Logging;

namespace EventBus.BehaviourTests;

public sealed class UnheardOfTests : IDisposable
{
    private readonly SignallingLog _log = new(static _ => false, new());

    public void Dispose() => _log.Dispose();

    [Fact]
    public async Task An_event_type_without_subscriptions_is_told_of_once_as_information_however_it_is_published()
    {
        await using var provider = new ServiceCollectionWithLog(_log).Build(static bus => bus.Handle<string>(static (_, _, _) => default));
        var bus = provider.Bus;

        await bus.PublishAsync(new Lonely(1));
        await bus.PublishAsync(new Lonely(2));
        await bus.PublishAsync<object>(new Lonely(3));
        await bus.PublishManyAsync([new Lonely(4), new Lonely(5)]);
        await bus.For<Lonely>().PublishAsync(new Lonely(6));
        await bus.PublishAsync(new Other<Lonely>());
        await bus.PublishAsync("heard");

        Assert.Equal(
            ["EventBus.BehaviourTests.UnheardOfTests+Lonely", "EventBus.BehaviourTests.UnheardOfTests+Other<EventBus.BehaviourTests.UnheardOfTests+Lonely>"],
            Told().Select(static line => line.Split(' ')[0]));
    }

    [Fact]
    public async Task A_type_whose_only_subscription_has_gone_is_told_of()
    {
        await using var provider = new ServiceCollectionWithLog(_log).Build(static _ => { });
        var bus = provider.Bus;
        var subscription = bus.Subscribe<Lonely>(static (_, _, _) => default);
        await bus.PublishAsync(new Lonely(1));
        Assert.Empty(Told());

        await subscription.DisposeAsync();
        await bus.PublishAsync(new Lonely(2));

        Assert.Single(Told());
    }

    private IEnumerable<string> Told() => _log.Entries.Where(static entry => entry is { Id: 100, Level: LogLevel.Information }).Select(static entry => entry.Line);

    private sealed record Lonely(int Number);

    private sealed record Other<T>;
}
