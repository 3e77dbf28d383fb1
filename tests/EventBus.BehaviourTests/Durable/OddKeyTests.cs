using EventBus.BehaviourTests.Support;
using EventBus.Storage;
using Microsoft.Extensions.Time.Testing;

namespace EventBus.BehaviourTests.Durable;

/// <summary>A key that an event gives is read from it again and again: before it goes into the log, and when it comes out.</summary>
public sealed class OddKeyTests : IDisposable
{
    private static readonly TimeSpan s_minute = TimeSpan.FromMinutes(1);

    private static readonly string[] s_keys = ["", " ", "\0", "a\0", "a\0b", "a", "A", "e\u0301", "\u00E9", "\U0001F389", "\uD83C", new string('k', 100_000), "'; DROP TABLE events; --"];

    private readonly InMemoryEventLog _log = new();
    private readonly FakeTimeProvider _clock = new();
    private readonly List<Fact> _handled = [];

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Behind_an_event_that_waits_the_next_of_its_key_waits_also_where_it_is_read_from_the_log_and_others_go_on(bool isOfTheType)
    {
        await using (var bus = Bus(isOfTheType, failsFirst: true))
        {
            foreach (var key in s_keys)
                await bus.PublishAsync(new Fact(key, 1));
            await bus.WhenQuiet();
            await bus.StopAsync().AsTask().Soon();
        }

        // Nobody listens: these are read from the log.
        await using (var deaf = new EventBusBuilder().UseEventLog(_log).UseTimeProvider(_clock).AddEvent<Fact>(static e => e.Logged()).Build())
        {
            foreach (var key in s_keys)
                await deaf.PublishAsync(new Fact(key, 2));
            await deaf.PublishAsync(new Fact(null, 3));
            await deaf.PublishAsync(new Fact("free", 3));
        }

        await using var another = Bus(isOfTheType, failsFirst: false);
        await another.StartAsync();
        await another.WhenQuiet();
        // Four at once, and no key in common: they come in any order.
        Assert.Equal([new Fact(null, 3), new Fact("free", 3)], _handled.OrderBy(static fact => fact.Key, StringComparer.Ordinal));
        _handled.Clear();
        _clock.Advance(s_minute);
        await another.WhenSettled();

        Assert.Equal(s_keys.Length * 2, _handled.Count);
        // The event itself comes back with the sign for half a pair.
        foreach (var key in s_keys.Select(static key => key == "\uD83C" ? "\uFFFD" : key))
            Assert.Equal([1, 2], _handled.Where(fact => fact.Key == key).Select(static fact => fact.Number));
    }

    public void Dispose() => _log.Dispose();

    private IEventBus Bus(bool isOfTheType, bool failsFirst)
    {
        var builder = new EventBusBuilder().UseEventLog(_log).UseTimeProvider(_clock);
        if (isOfTheType)
            builder.AddEvent<Fact>(static e => e.Key(static fact => fact.Key));
        return builder
            .Handle<Fact>(
                (fact, context, _) =>
                {
                    if (failsFirst && context.Attempt == 1)
                        throw new InvalidOperationException("The first attempt fails.");
                    lock (_handled)
                        _handled.Add(fact);
                    return default;
                },
                s =>
                {
                    s.Named("facts").Durable().Concurrency(4).Retry(RetryPolicy.Fixed(2, s_minute));
                    if (!isOfTheType)
                        s.OrderedBy(static fact => fact.Key);
                })
            .Build();
    }

    internal sealed record Fact(string? Key, int Number);
}
