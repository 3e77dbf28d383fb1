using EventBus.Events;
using EventBus.UnitTests.Support;

namespace EventBus.UnitTests.Events;

public sealed class PublishOriginTests
{
    [Fact]
    public void An_origin_without_a_delivery_causes_nothing()
    {
        var origin = new PublishOrigin(null, null);

        Assert.Null(origin.CausationId);
        Assert.Null(origin.CorrelationId);
        Assert.False(origin.IsDelivering);
    }

    [Fact]
    public void An_origin_names_the_event_that_is_handled_and_its_conversation()
    {
        var origin = new PublishOrigin(null, Delivery(new EventDetails { Id = "42", CorrelationId = "visit-1" }));

        Assert.Equal(("42", "visit-1", true), (origin.CausationId, origin.CorrelationId, origin.IsDelivering));
    }

    [Fact]
    public void An_event_that_nothing_led_to_begins_the_conversation()
    {
        var origin = new PublishOrigin(null, Delivery(null));

        Assert.NotNull(origin.CausationId);
        Assert.Equal(origin.CausationId, origin.CorrelationId);
    }

    [Fact]
    public void An_origin_that_outlives_its_delivery_names_the_same_event_and_never_the_next()
    {
        var delivery = Delivery(new EventDetails { Id = "42" });
        var origin = new PublishOrigin(null, delivery);

        delivery.Leave();
        delivery.Begin("another", new Stamp(0, 2), new EventDetails { Id = "43" }, null);

        Assert.Equal("42", origin.CausationId);
        Assert.False(origin.IsDelivering);
    }

    private static DeliveryContext<string> Delivery(EventDetails? details)
    {
        var delivery = new DeliveryContext<string>(new FixedHost(), ["stock"]);
        delivery.Begin("fact", new Stamp(0, 1), details, null);
        return delivery;
    }
}
