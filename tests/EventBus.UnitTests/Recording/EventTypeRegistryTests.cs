using EventBus.Recording;

namespace EventBus.UnitTests.Recording;

public sealed class EventTypeRegistryTests
{
    private readonly EventTypeRegistry _types = new();

    [Fact]
    public void A_type_is_found_under_its_name_and_its_aliases_and_has_one_name_for_new_events()
    {
        var stored = new StoredEventType(typeof(Placed), "order-placed", 2, ["placed", "Shop.Placed"]);

        Assert.Null(_types.Add(stored));

        Assert.All(["order-placed", "placed", "Shop.Placed"], name => Assert.True(_types.TryGet(name, out var found) && found == stored));
        Assert.True(_types.TryGet(typeof(Placed), out var byType));
        Assert.Equal(("order-placed", 2), (byType.Name, byType.Version));
        Assert.Equal([typeof(Placed)], _types.Types);
    }

    [Theory]
    [InlineData("Order-Placed")]
    [InlineData("order-placed ")]
    [InlineData("")]
    public void Another_name_finds_nothing(string name)
    {
        _types.Add(new(typeof(Placed), "order-placed", 1, []));

        Assert.False(_types.TryGet(name, out _));
    }

    [Fact]
    public void The_name_of_a_dotnet_type_finds_nothing_unless_it_was_given()
    {
        _types.Add(new(typeof(Placed), "order-placed", 1, []));

        Assert.False(_types.TryGet(typeof(Placed).FullName!, out _));
        Assert.False(_types.TryGet(typeof(Placed).AssemblyQualifiedName!, out _));
        Assert.False(_types.TryGet(typeof(Cancelled), out _));
    }

    [Fact]
    public void Two_types_of_one_name_are_a_mistake_that_names_the_remedy()
    {
        _types.Add(new(typeof(Placed), "order", 1, []));

        Assert.Equal(
            "Event types 'EventBus.UnitTests.Recording.EventTypeRegistryTests+Placed' and 'EventBus.UnitTests.Recording.EventTypeRegistryTests+Cancelled' have the same stored name, 'order'."
            + " Give one of them another with [EventType(\"...\")] or AddEvent<Cancelled>(e => e.Named(\"...\")).",
            _types.Add(new(typeof(Cancelled), "order", 1, [])));
    }

    [Fact]
    public void An_alias_that_is_the_name_of_another_type_is_a_mistake()
    {
        _types.Add(new(typeof(Placed), "placed", 1, []));

        Assert.Contains("'placed'", _types.Add(new(typeof(Cancelled), "cancelled", 1, ["placed"])), StringComparison.Ordinal);
    }

    [Fact]
    public void An_alias_that_repeats_the_own_name_is_none() => Assert.Null(_types.Add(new(typeof(Placed), "placed", 1, ["placed"])));

    [Fact]
    public void Whoever_asks_for_sealed_types_alone_gets_events_of_their_names_and_no_others()
    {
        _types.Add(new(typeof(Placed), "placed", 1, ["old"]));
        _types.Add(new(typeof(Moment), "moment", 1, []));

        Assert.Equal(["placed", "old", "moment"], _types.NamesFor([typeof(Placed), typeof(Moment)]));
        Assert.Equal([], _types.NamesFor([typeof(Cancelled)]));
    }

    [Theory]
    [InlineData(typeof(object))]
    [InlineData(typeof(IDisposable))]
    [InlineData(typeof(Open))]
    public void Whoever_asks_for_a_type_that_others_may_derive_from_may_get_any_name(Type type) =>
        Assert.Null(_types.NamesFor([typeof(Placed), type]));

    private sealed record Placed;

    private sealed record Cancelled;

    private record Open;

    private readonly record struct Moment;
}
