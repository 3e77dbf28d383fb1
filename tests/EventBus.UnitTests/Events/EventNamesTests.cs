using EventBus.Events;

namespace EventBus.UnitTests.Events;

public sealed class EventNamesTests
{
    [Fact]
    public void An_event_is_named_after_its_type_unless_an_attribute_says_otherwise()
    {
        var names = Names();

        Assert.Equal("EventBus.UnitTests.Events.EventNamesTests+Placed", names.Of(typeof(Placed)));
        Assert.Equal("order-cancelled", names.Of(typeof(Cancelled)));
    }

    [Fact]
    public void A_derived_event_does_not_inherit_the_name() =>
        Assert.Equal("EventBus.UnitTests.Events.EventNamesTests+Withdrawn", Names().Of(typeof(Withdrawn)));

    [Fact]
    public void The_key_of_a_type_is_that_of_every_event_of_it_and_of_no_other()
    {
        var names = Names((typeof(IOrderEvent), "order"));

        Assert.Equal("order", names.KeyOf(new Placed()));
        Assert.Equal("order", names.KeyOf(new Express()));
        Assert.Null(names.KeyOf("text"));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Of_several_keys_the_most_derived_types_wins_however_they_were_registered(bool baseFirst)
    {
        (Type, string?) general = (typeof(IOrderEvent), "order");
        (Type, string?) own = (typeof(Placed), "placed");
        var names = baseFirst ? Names(general, own) : Names(own, general);

        Assert.Equal("placed", names.KeyOf(new Placed()));
        Assert.Equal("placed", names.KeyOf(new Express()));
        Assert.Equal("order", names.KeyOf(new Cancelled()));
    }

    [Fact]
    public void A_null_of_the_most_derived_type_is_no_key() =>
        Assert.Null(Names((typeof(IOrderEvent), "order"), (typeof(Placed), null)).KeyOf(new Placed()));

    [Fact]
    public void A_type_of_which_something_else_is_known_keeps_the_key_of_its_base_type()
    {
        var names = new EventNames(new Dictionary<Type, EventTypeTraits>
        {
            [typeof(Placed)] = new(null, InlineConcurrently: true),
            [typeof(IOrderEvent)] = new(static _ => "order", InlineConcurrently: false),
        });

        Assert.Equal("order", names.KeyOf(new Placed()));
    }

    [Fact]
    public void Events_of_a_type_may_have_a_key_if_a_base_type_or_a_derived_one_was_given_one()
    {
        var names = Names((typeof(Placed), "placed"));

        Assert.True(names.MayHaveKey([typeof(Express)]));
        Assert.True(names.MayHaveKey([typeof(IOrderEvent)]));
        Assert.False(names.MayHaveKey([typeof(Cancelled)]));
    }

    [Fact]
    public void What_runs_concurrently_does_so_for_every_event_of_the_type()
    {
        var names = new EventNames(new Dictionary<Type, EventTypeTraits> { [typeof(Placed)] = new(null, InlineConcurrently: true) });

        Assert.True(names.IsInlineConcurrent(typeof(Express)));
        Assert.False(names.IsInlineConcurrent(typeof(IOrderEvent)));
    }

    private static EventNames Names(params (Type Type, string? Key)[] keys) =>
        new(keys.ToDictionary(static key => key.Type, static key => new EventTypeTraits(_ => key.Key, InlineConcurrently: false)));

    private interface IOrderEvent;

    private class Placed : IOrderEvent;

    private sealed class Express : Placed;

    [EventType("order-cancelled")]
    private class Cancelled : IOrderEvent;

    private sealed class Withdrawn : Cancelled;
}
