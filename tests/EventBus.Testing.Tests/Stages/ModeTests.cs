using EventBus.Testing.Tests.Support;

namespace EventBus.Testing.Tests.Stages;

public sealed class ModeTests
{
    [Theory]
    [InlineData(DeliveryMode.Queued)]
    [InlineData(DeliveryMode.Inline)]
    [InlineData(DeliveryMode.Durable)]
    public async Task Delivered_twice_a_handler_that_is_not_idempotent_shows_it(DeliveryMode mode)
    {
        var stock = 10;
        await using var bus = TestBus.Create(
            bus => bus.Hears("stock", (_, _) => Take(ref stock), s => In(s, mode)),
            static test => test.DeliverTwice());

        var order = await bus.StimulateAsync(new OrderPlaced("1"));
        await bus.WhenIdleAsync();

        Assert.Equal(8, stock);
        Assert.Equal(DeliveryState.Handled, Assert.Single(order.Deliveries).State);
        Assert.Equal([1, 1], order.To("stock").Attempts.Select(static attempt => attempt.Number));
    }

    [Theory]
    [InlineData(DeliveryMode.Queued)]
    [InlineData(DeliveryMode.Durable)]
    public async Task Delivered_twice_an_idempotent_subscription_calls_its_handler_once(DeliveryMode mode)
    {
        var stock = 10;
        await using var bus = TestBus.Create(
            bus => bus.Hears("stock", (_, _) => Take(ref stock), s => In(s, mode).Idempotent()),
            static test => test.DeliverTwice());

        var order = await bus.StimulateAsync(new OrderPlaced("1"));
        await bus.WhenIdleAsync();

        Assert.Equal(9, stock);
        Assert.Equal(DeliveryState.Handled, order.To("stock").State);
    }

    [Fact]
    public async Task A_handler_that_fails_only_the_second_time_is_retried()
    {
        var calls = 0;
        await using var bus = TestBus.Create(
            bus => bus.Hears("stock", (_, _) => ++calls == 2 ? throw new InvalidOperationException("sold") : default, static s => s.Retry(Shop.EverySecond())),
            static test => test.DeliverTwice());
        var order = await bus.StimulateAsync(new OrderPlaced("1"));

        await bus.AdvanceAsync(TimeSpan.FromSeconds(1));

        Assert.Equal([null, "sold", null, null], order.To("stock").Attempts.Select(static attempt => attempt.Error?.Message));
    }

    [Theory]
    [InlineData(DeliveryMode.Queued)]
    [InlineData(DeliveryMode.Inline)]
    [InlineData(DeliveryMode.Durable)]
    public async Task After_a_round_trip_a_handler_sees_what_the_serializer_keeps(DeliveryMode mode)
    {
        Lossy? seen = null;
        await using var bus = TestBus.Create(
            bus => bus.Handle<Lossy>(
                (lossy, _, _) =>
                {
                    seen = lossy;
                    return default;
                },
                s => In(s.Named("lossy"), mode)),
            static test => test.RoundTrip());

        await bus.PublishAsync(new Lossy { Kept = "a", Lost = "b" });
        await bus.WhenIdleAsync();

        Assert.Equal(("a", ""), (seen!.Kept, seen.Lost));
    }

    [Fact]
    public async Task Without_a_round_trip_a_handler_sees_the_event_itself()
    {
        OrderPlaced? seen = null;
        await using var bus = TestBus.Create(bus => bus.Hears("stock", (order, _) =>
        {
            seen = order;
            return default;
        }));
        var order = new OrderPlaced("1");

        await bus.PublishAsync(order);
        await bus.WhenIdleAsync();

        Assert.Same(order, seen);
    }

    [Fact]
    public async Task An_event_that_does_not_come_back_from_the_serializer_becomes_a_dead_letter_that_says_so()
    {
        await using var bus = TestBus.Create(static bus => bus.Handle<object>(static (_, _, _) => default, static s => s.Named("all")), static test => test.RoundTrip());

        var broken = await bus.StimulateAsync(new Broken());
        await bus.WhenIdleAsync();

        Assert.StartsWith("all: dead-lettered, RefusedByHandler: Broken does not come back from JsonEventSerializer:", broken.To("all").ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void An_event_type_that_cannot_be_serialized_is_a_configuration_error_of_a_round_trip()
    {
        var error = Assert.Throws<EventBusConfigurationException>(static () => TestBus.Create(
            static bus => bus.Handle<Action>(static (_, _, _) => default).UseJson(NoTypes.Default), static test => test.RoundTrip()));

        Assert.Contains("RoundTrip() is on, and event type 'System.Action' does not go through the serializer", error.Message, StringComparison.Ordinal);
    }

    private static SubscriptionBuilder<T> In<T>(SubscriptionBuilder<T> subscription, DeliveryMode mode)
        where T : notnull => mode switch
        {
            DeliveryMode.Inline => subscription.Inline(),
            DeliveryMode.Durable => subscription.Durable(),
            _ => subscription,
        };

    private static ValueTask Take(ref int stock)
    {
        stock--;
        return default;
    }

    private sealed class Lossy
    {
        public string Kept { get; init; } = "";

        [System.Text.Json.Serialization.JsonIgnore]
        public string Lost { get; init; } = "";
    }

    private sealed class Broken
    {
        public string Text => throw new InvalidOperationException("unreadable");
    }
}

[System.Text.Json.Serialization.JsonSerializable(typeof(string))]
internal sealed partial class NoTypes : System.Text.Json.Serialization.JsonSerializerContext;
