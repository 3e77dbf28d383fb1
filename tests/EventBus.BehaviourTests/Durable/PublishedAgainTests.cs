using EventBus.BehaviourTests.Support;
using EventBus.Storage;

namespace EventBus.BehaviourTests.Durable;

/// <summary>The same id for two events: the first one is the fact, and whoever published the second is wrong.</summary>
public sealed class PublishedAgainTests : IDisposable
{
    private readonly InMemoryEventLog _log = new();
    private readonly SignallingLog _lines = new(static _ => false, new TaskCompletionSource());
    private readonly JumpingClock _clock = new();
    private readonly List<int> _handled = [];

    [Fact]
    public async Task The_same_id_with_another_body_is_told_and_the_first_stays()
    {
        await using var provider = Build();
        await provider.Bus.PublishAsync(new Fact(1), new PublishOptions { Id = "a" });
        await provider.Bus.PublishAsync(new Fact(1), new PublishOptions { Id = "a" });
        Assert.Empty(Lines());

        await provider.Bus.PublishAsync(new Fact(2), new PublishOptions { Id = "a" });
        await provider.Bus.WhenSettled();

        Assert.Equal([Told("a")], Lines());
        Assert.Equal([1], _handled);
        Assert.Single(_log.Read(0, 10));
    }

    [Fact]
    public async Task So_it_is_after_a_restart_and_in_a_batch_and_its_id_forges_no_line()
    {
        await using (var earlier = Build())
            await earlier.Bus.PublishAsync(new Fact(1), new PublishOptions { Id = "a\nb" });

        await using var provider = Build();
        await provider.Bus.PublishManyAsync([new Fact(2)], new PublishOptions { Id = "a\nb" });
        await provider.Bus.WhenSettled();

        Assert.Equal([Told("a\\u000Ab")], Lines());
        Assert.Equal([1], _handled);
    }

    [Fact]
    public async Task So_it_is_for_a_scheduled_event_when_it_is_due()
    {
        await using var provider = Build();
        await provider.Bus.PublishAsync(new Fact(1), new PublishOptions { Id = "a" });
        await provider.Bus.ScheduleAsync(new Fact(2), TimeSpan.FromHours(1), new PublishOptions { Id = "a" });

        _clock.Advance(TimeSpan.FromHours(1));
        await provider.Bus.WhenSettled();

        Assert.Equal([Told("a")], Lines());
        Assert.Equal([1], _handled);
    }

    [Fact]
    public async Task The_same_id_of_another_source_is_another_fact()
    {
        await using var provider = Build();

        await provider.Bus.PublishAsync(new Fact(1), new PublishOptions { Id = "a", Source = "till-1" });
        await provider.Bus.PublishAsync(new Fact(2), new PublishOptions { Id = "a", Source = "till-2" });
        await provider.Bus.WhenSettled();

        Assert.Equal([1, 2], _handled);
        Assert.Empty(Lines());
    }

    public void Dispose() => _log.Dispose();

    private static string Told(string id) =>
        $"EventBus.BehaviourTests.Durable.PublishedAgainTests+Fact {id} was published again with another body. The first one stays in the log, and the second is not added.";

    private IEnumerable<string> Lines() => _lines.Lines.Where(static line => line.Contains("another body", StringComparison.Ordinal));

    private ProviderWithBus Build() =>
        new ServiceCollectionWithLog(_lines).Build(bus => bus
            .UseEventLog(_log)
            .UseTimeProvider(_clock)
            .Handle<Fact>(
                (fact, _, _) =>
                {
                    _handled.Add(fact.Number);
                    return default;
                },
                static s => s.Named("facts").Durable()));

    internal sealed record Fact(int Number);
}
