using EventBus.BehaviourTests.Support;
using EventBus.Storage;
using Microsoft.Extensions.Time.Testing;

namespace EventBus.BehaviourTests.Durable;

/// <summary>An application that was built again, or renamed an event, goes on with what was stored: it reads it, and it recognises it.</summary>
public sealed class RenamedEventTests : IDisposable
{
    private static readonly TimeSpan s_hour = TimeSpan.FromHours(1);

    private readonly InMemoryEventLog _log = new();
    private readonly FakeTimeProvider _clock = new();
    private readonly List<int> _handled = [];

    /// <summary>How an earlier build named the type: with the assembly of what it is closed with, of any version, culture and token. And a name that was given.</summary>
    public static TheoryData<string> EarlierNames =>
    [
        typeof(Changed<Order>).FullName!,
        typeof(Changed<Order>).FullName!.Replace("Version=1.0.0.0", "Version=9.8.7.6", StringComparison.Ordinal),
        "EventBus.BehaviourTests.Durable.RenamedEventTests+Changed`1[[EventBus.BehaviourTests.Durable.RenamedEventTests+Order, AnotherModule, Version=2.0.0.0, Culture=de-AT, PublicKeyToken=b77a5c561934e089]]",
        "order-changed",
    ];

    public void Dispose() => _log.Dispose();

    [Fact]
    public async Task A_generic_event_is_stored_under_a_name_without_an_assembly()
    {
        await using var bus = Bus(static e => e);

        await bus.PublishAsync(new Changed<Order>(1));

        Assert.Equal("EventBus.BehaviourTests.Durable.RenamedEventTests+Changed`1[EventBus.BehaviourTests.Durable.RenamedEventTests+Order]", _log.Read(0, 10)[0].Type);
    }

    [Theory]
    [MemberData(nameof(EarlierNames))]
    public async Task What_an_earlier_build_stored_is_handled_and_recognised_by_a_later_one(string earlier)
    {
        await using (var bus = Bus(e => e.Named(earlier), paused: true))
        {
            await bus.PublishAsync(new Changed<Order>(1), Id("published"));
            await bus.ScheduleAsync(new Changed<Order>(2), s_hour, Id("scheduled"));
            await bus.StopAsync();
        }

        await using var later = Bus(static e => e.Alias("order-changed"));
        await later.PublishAsync(new Changed<Order>(1), Id("published"));
        await later.ScheduleAsync(new Changed<Order>(2), s_hour, Id("scheduled"));
        await later.WhenQuiet();
        Assert.Equal([1], _handled);
        _clock.Advance(2 * s_hour);
        await later.WhenSettled();
        await later.PublishAsync(new Changed<Order>(2), Id("scheduled"));
        await later.WhenSettled();

        Assert.Equal([1, 2], _handled);
        Assert.Empty(await later.DeadLetters.ListAsync());
        Assert.Equal(2, _log.Read(0, 10).Count);
    }

    [Theory]
    [MemberData(nameof(EarlierNames))]
    public async Task What_an_earlier_build_completed_a_later_one_skips_and_what_it_scheduled_a_later_one_cancels(string earlier)
    {
        ScheduledEvent scheduled;
        await using (var bus = Bus(e => e.Named(earlier), idempotent: true, window: TimeSpan.FromTicks(1)))
        {
            await bus.PublishAsync(new Changed<Order>(1), Id("published"));
            scheduled = await bus.ScheduleAsync(new Changed<Order>(2), 2 * s_hour, Id("scheduled"));
            await bus.WhenQuiet();
            await bus.StopAsync();
        }

        // The log does not recognise it any more: the subscription does.
        _clock.Advance(s_hour);
        await using var later = Bus(static e => e.Alias("order-changed"), idempotent: true, window: TimeSpan.FromTicks(1));
        await later.PublishAsync(new Changed<Order>(1), Id("published"));
        await later.WhenQuiet();

        Assert.Equal([1], _handled);
        Assert.Equal(1, later.Subscriptions[0].Statistics.Duplicates);
        Assert.True(await later.CancelScheduledAsync(scheduled));
    }

    private static PublishOptions Id(string id) => new() { Id = id };

    private IEventBus Bus(Func<EventTypeBuilder<Changed<Order>>, EventTypeBuilder<Changed<Order>>> name, bool paused = false, bool idempotent = false, TimeSpan? window = null) =>
        new EventBusBuilder()
            .UseEventLog(_log)
            .UseTimeProvider(_clock)
            .DeduplicationWindow(window ?? TimeSpan.FromDays(7))
            .AddEvent<Changed<Order>>(e => name(e))
            .Handle<Changed<Order>>(
                (changed, _, _) =>
                {
                    _handled.Add(changed.Number);
                    return default;
                },
                s =>
                {
                    s.Named("changes").Durable();
                    if (paused)
                        s.StartPaused();
                    if (idempotent)
                        s.Idempotent();
                })
            .Build();

    internal sealed record Changed<T>(int Number);

    internal sealed record Order;
}
