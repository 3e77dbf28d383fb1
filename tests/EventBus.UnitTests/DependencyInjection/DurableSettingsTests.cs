using System.Text.Json.Serialization;
using EventBus.Storage;

namespace EventBus.UnitTests.DependencyInjection;

public sealed partial class DurableSettingsTests : IDisposable
{
    private const string Place = "EventBus.UnitTests.DependencyInjection.DurableSettingsTests";

    private readonly InMemoryEventLog _log = new();

    [Fact]
    public void A_durable_subscription_needs_a_log() =>
        Assert.Equal(
            ["Subscription 'stock' is durable, but the bus has no event log. Add bus.UseSqlite(...) of the package EmbeddedEventBus.Sqlite or bus.UseEventLog(...), or drop .Durable()."],
            Mistakes.In(static s => s.Durable()));

    [Fact]
    public void A_durable_subscription_needs_a_name() =>
        Assert.Equal(
            ["Subscription 'System.String-1' is durable and has no name of its own: its state would be lost with the next renaming of a class. Give it one with Named(...)."],
            Mistakes.Of(bus => bus.UseEventLog(_log).Handle<string>(static (_, _, _) => default, static s => s.Durable())));

    public static TheoryData<string, Action<SubscriptionBuilder<string>>> QueuedOnly => new()
    {
        { "WhenFull", static s => s.WhenFull(QueueFullMode.DropOldest) },
        { "Reserve", static s => s.Reserve(5) },
        { "MaxPerKey", static s => s.MaxPerKey(5) },
    };

    [Theory]
    [MemberData(nameof(QueuedOnly))]
    public void What_means_nothing_where_the_log_is_the_buffer_is_refused(string what, Action<SubscriptionBuilder<string>> configure) =>
        Assert.Equal(
            [$"Subscription 'stock' is durable, and {what} means nothing there: the log keeps what its queue has no room for. Drop {what}, or drop .Durable()."],
            In(s => configure(s.Durable())));

    public static TheoryData<string, Action<SubscriptionBuilder<string>>> DurableOnly => new()
    {
        { "MaxParked", static s => s.MaxParked(5) },
        { "FormerlyNamed", static s => s.FormerlyNamed("old") },
    };

    [Theory]
    [MemberData(nameof(DurableOnly))]
    public void What_means_nothing_without_a_stored_state_is_refused(string what, Action<SubscriptionBuilder<string>> configure)
    {
        var expected = $"Subscription 'stock' is not durable, and {what} means nothing there: only durable subscriptions have a stored state. Add .Durable(), or drop {what}.";

        Assert.Equal([expected], In(configure));
        Assert.Equal([expected], In(s => configure(s.Inline())));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    public void At_least_one_delivery_may_wait(int maxParked) =>
        Assert.Equal([$"Subscription 'stock': MaxParked is {maxParked}, and must be at least 1."], In(s => s.Durable().MaxParked(maxParked)));

    [Fact]
    public void A_former_name_is_one_that_it_can_have_had() =>
        Assert.Equal(
            ["Subscription 'stock': FormerlyNamed(\"old\\u000Aname\") is no name that a durable subscription can have had: names consist of 1 to 100 letters A-Z and a-z, digits, '.', '_' and '-'."],
            In(static s => s.Durable().FormerlyNamed("old\nname").FormerlyNamed("older")));

    [Fact]
    public void A_key_is_one_that_can_be_stored() =>
        Assert.Equal(
            ["Subscription 'stock' is durable, and its key of type 'System.Version' cannot be stored. Order it by a string, an integer, a Guid, an enum, a date, or a tuple of them."],
            In(static s => s.Durable().OrderedBy(static e => new Version(e))));

    [Fact]
    public void Dead_letters_of_a_durable_subscription_are_in_the_log() =>
        Assert.Equal(
            ["Subscription 'stock' is durable, and its dead letters belong into the event log, in the transaction that settles the delivery; but the bus was given another dead-letter store. Drop UseDeadLetterStore(...), or drop .Durable()."],
            Mistakes.Of(bus => bus
                .UseEventLog(_log)
                .UseDeadLetterStore(new InMemoryDeadLetterStore())
                .Handle<string>(static (_, _, _) => default, static s => s.Named("stock").Durable())));

    [Fact]
    public void A_bus_has_one_log()
    {
        Assert.Equal(
            ["The bus was given 2 event logs. It can have one: keep the call that you mean."],
            Mistakes.Of(bus => bus.UseEventLog(_log).UseEventLog(new InMemoryEventLog())));

        new EventBusBuilder().UseEventLog(_log).UseEventLog(_log).Build().Dispose();
    }

    [Fact]
    public void A_log_that_cannot_be_made_is_told_with_the_reason() =>
        Assert.Equal(
            ["The event log could not be made: there is no such disk"],
            Mistakes.Of(static bus => bus
                .UseEventLog(static _ => throw new IOException("there is no such disk"))
                .Handle<string>(static (_, _, _) => default, static s => s.Named("stock").Durable())));

    [Fact]
    public void A_log_that_the_bus_made_goes_with_a_bus_that_is_not_built()
    {
        _log.Open();

        Mistakes.Of(bus => bus.UseEventLog(_ => _log).Handle<string>(static (_, _, _) => default, static s => s.Capacity(0)));

        Assert.Throws<EventLogException>(() => _log.Begin());
    }

    [Fact]
    public void An_event_of_a_durable_subscription_has_a_serialized_form() =>
        Assert.Equal(
            [$"Subscription 'stock' is durable, and its event '{Place}+Stranger' cannot be stored: no JSON contract is known for it. Add [JsonSerializable(typeof(Stranger))] to the context that is given to UseJson(...)."],
            Mistakes.Of(bus => bus.UseEventLog(_log).UseJson(FactJson.Default).Handle<Stranger>(static (_, _, _) => default, static s => s.Named("stock").Durable())));

    [Fact]
    public void An_event_that_is_to_be_logged_has_a_serialized_form() =>
        Assert.Equal(
            [$"Event type '{Place}+Stranger' is to be logged and cannot be stored: no JSON contract is known for it. Add [JsonSerializable(typeof(Stranger))] to the context that is given to UseJson(...)."],
            Mistakes.Of(bus => bus.UseEventLog(_log).UseJson(FactJson.Default).AddEvent<Stranger>(static e => e.Logged())));

    [Fact]
    public void A_stored_name_stands_for_one_type() =>
        Assert.Equal(
            [$"Event types '{Place}+Fact' and '{Place}+Stranger' have the same stored name, 'fact'. Give one of them another with [EventType(\"...\")] or AddEvent<Stranger>(e => e.Named(\"...\"))."],
            Mistakes.Of(bus => bus.UseEventLog(_log).AddEvent<Fact>(static e => e.Named("fact")).AddEvent<Stranger>(static e => e.Named("stranger").Alias("fact"))));

    [Fact]
    public void Without_a_log_names_clash_with_nothing() =>
        new EventBusBuilder().AddEvent<Fact>(static e => e.Named("fact")).AddEvent<Stranger>(static e => e.Named("fact")).Build().Dispose();

    [Fact]
    public void Every_mistake_of_a_durable_subscription_is_told_at_once() =>
        Assert.Equal(
            4,
            Mistakes.Of(static bus => bus.Handle<string>(static (_, _, _) => default, static s => s.Durable().Capacity(0).MaxParked(0))).Count);

    [Fact]
    public void Bounds_of_the_log_are_checked_when_they_are_given()
    {
        var bus = new EventBusBuilder();

        Assert.Throws<ArgumentOutOfRangeException>("bytes", () => bus.MaxEventBytes(0));
        Assert.Throws<ArgumentOutOfRangeException>("window", () => bus.DeduplicationWindow(TimeSpan.Zero));
        Assert.Throws<ArgumentNullException>("retention", () => bus.Retain(null!));
        Assert.Throws<ArgumentNullException>("serializer", () => bus.UseSerializer(null!));
        Assert.Throws<ArgumentNullException>("log", () => bus.UseEventLog((IEventLog)null!));
    }

    public void Dispose() => _log.Dispose();

    private IReadOnlyList<string> In(Action<SubscriptionBuilder<string>> configure) =>
        Mistakes.Of(bus => bus.UseEventLog(_log).Handle<string>(static (_, _, _) => default, s => configure(s.Named("stock"))));

    internal sealed record Fact;

    internal sealed record Stranger;

    [JsonSerializable(typeof(Fact))]
    internal sealed partial class FactJson : JsonSerializerContext;
}
