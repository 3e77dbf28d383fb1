using EventBus.BehaviourTests.Support;
using Microsoft.Extensions.DependencyInjection;

namespace EventBus.BehaviourTests;

/// <summary>One subscription of one handler to several event types.</summary>
public sealed class AddSubscriptionTests
{
    private readonly Journal _journal = new();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Each_event_is_handled_once_as_the_most_derived_type_that_was_subscribed_to(bool baseFirst)
    {
        await using var provider = Build(bus => bus.AddSubscription<Ledger>("ledger", s => _ = baseFirst
            ? s.On<IOrderEvent>().On<Placed>().On<object>()
            : s.On<object>().On<Placed>().On<IOrderEvent>()));

        await PublishAsync(provider, new Express(), new Placed(), new Cancelled(), "text");

        Assert.Equal(["Placed Express", "Placed Placed", "IOrderEvent Cancelled", "Object String"], _journal.Lines);
    }

    [Fact]
    public async Task A_struct_event_is_handled_as_itself_and_not_as_its_interface()
    {
        await using var provider = Build(static bus => bus.AddSubscription<Ledger>("ledger", static s => s.On<IOrderEvent>().On<Picked>()));

        await PublishAsync(provider, new Picked(1));
        await provider.GetRequiredService<IEventPublisher>().PublishAsync(new Picked(2));
        await provider.GetRequiredService<IEventBus>().WhenSettled();

        Assert.Equal(["Picked Picked", "Picked Picked"], _journal.Lines);
    }

    [Fact]
    public async Task Events_that_it_did_not_ask_for_do_not_reach_it_although_its_handler_could_handle_them()
    {
        await using var provider = Build(static bus => bus.AddSubscription<Ledger>("ledger", static s => s.On<Placed>()));

        await PublishAsync(provider, new Cancelled(), new Placed());

        Assert.Equal(["Placed Placed"], _journal.Lines);
    }

    [Fact]
    public async Task A_predicate_of_one_type_is_not_asked_about_the_others()
    {
        await using var provider = Build(static bus => bus.AddSubscription<Ledger>("ledger", static s => s
            .On<IOrderEvent>()
            .On<Placed>(where: static placed => placed is Express)));

        await PublishAsync(provider, new Placed(), new Express(), new Cancelled());

        Assert.Equal(["Placed Express", "IOrderEvent Cancelled"], _journal.Lines);
        Assert.Equal(1, Assert.Single(provider.GetRequiredService<IEventBus>().Subscriptions).Statistics.Filtered);
    }

    [Fact]
    public async Task Keys_of_all_its_types_are_one_order()
    {
        var held = new HeldHandler();
        var other = new HeldHandler();
        _journal.Then = line => line switch
        {
            "Placed Placed" => held.HoldAsync(),
            "Picked Picked" => other.HoldAsync(),
            _ => default,
        };
        await using var provider = Build(static bus => bus.AddSubscription<Ledger>("ledger", static s => s
            .On<Placed>(static _ => 1)
            .On<Cancelled>(static _ => 1)
            .On<Picked>(static picked => picked.Order)
            .Concurrency(2)));
        var bus = provider.GetRequiredService<IEventBus>();

        await bus.PublishManyAsync<IOrderEvent>([new Placed(), new Cancelled(), new Picked(2)]);
        await held.Entered;
        await other.Entered;
        other.Open();
        held.Open();
        await bus.WhenSettled();

        Assert.Equal("Cancelled Cancelled", _journal.Lines[2]);
    }

    [Fact]
    public async Task It_has_one_set_of_retries_and_dead_letters_for_all_its_types()
    {
        _journal.Then = static _ => throw new InvalidOperationException();
        await using var provider = Build(static bus => bus.AddSubscription<Ledger>("ledger", static s => s.On<Placed>().On<Cancelled>().Retry(RetryPolicy.Immediate(2))));

        await PublishAsync(provider, new Placed(), new Cancelled());

        var bus = provider.GetRequiredService<IEventBus>();
        Assert.Equal([typeof(Placed), typeof(Cancelled)], Assert.Single(bus.Subscriptions).EventTypes);
        Assert.All(await bus.DeadLetters.ListAsync(), static letter => Assert.Equal(("ledger", 2), (letter.Subscription, letter.Attempts)));
        Assert.Equal(2, await bus.DeadLetters.CountAsync());
    }

    [Fact]
    public async Task An_inline_one_calls_its_handler_once_within_the_publish()
    {
        await using var provider = Build(static bus => bus.AddSubscription<Ledger>("ledger", static s => s.On<IOrderEvent>().On<Placed>().Inline()));

        await provider.GetRequiredService<IEventPublisher>().PublishAsync(new Express());

        Assert.Equal(["Placed Express"], _journal.Lines);
    }

    [Fact]
    public async Task A_class_that_handles_several_events_may_be_added_for_each_of_them()
    {
        await using var provider = Build(static bus => bus.AddHandler<Placed, Ledger>().AddHandler<Cancelled, Ledger>());

        await PublishAsync(provider, new Placed(), new Cancelled());

        Assert.Equal(["Cancelled Cancelled", "Placed Placed"], _journal.Lines.Order(StringComparer.Ordinal));
        Assert.Equal(2, provider.GetRequiredService<IEventBus>().Subscriptions.Count);
    }

    [Fact]
    public async Task A_class_added_for_an_event_and_for_its_base_type_is_an_error_that_shows_the_remedy()
    {
        await using var provider = Build(static bus => bus.AddHandler<IOrderEvent, Ledger>().AddHandler<Placed, Ledger>());

        var error = Assert.Throws<EventBusConfigurationException>(provider.GetRequiredService<IEventBus>);

        var mistake = Assert.Single(error.Errors);
        Assert.Contains("would be called twice", mistake, StringComparison.Ordinal);
        Assert.Contains("AddSubscription<Ledger>(name, s => { s.On<IOrderEvent>(); s.On<Placed>(); })", mistake, StringComparison.Ordinal);
    }

    private static async Task PublishAsync(ServiceProvider provider, params object[] events)
    {
        var bus = provider.GetRequiredService<IEventBus>();
        foreach (var @event in events)
            await bus.PublishAsync(@event);
        await bus.WhenSettled();
    }

    private ServiceProvider Build(Action<EventBusBuilder> configure) =>
        new ServiceCollection().AddSingleton(_journal).AddEventBus(configure).BuildServiceProvider(validateScopes: true);

    private interface IOrderEvent;

    private class Placed : IOrderEvent;

    private sealed class Express : Placed;

    private sealed class Cancelled : IOrderEvent;

    private readonly record struct Picked(int Order) : IOrderEvent;

    /// <summary>What was handled as what.</summary>
    private sealed class Journal
    {
        public Func<string, ValueTask> Then { get; set; } = static _ => default;

        public List<string> Lines { get; } = [];

        public ValueTask AddAsync<TAs>(object @event)
        {
            var line = $"{typeof(TAs).Name} {@event.GetType().Name}";
            lock (Lines)
                Lines.Add(line);
            return Then(line);
        }
    }

    private sealed class Ledger(Journal journal) :
        IEventHandler<object>, IEventHandler<IOrderEvent>, IEventHandler<Placed>, IEventHandler<Cancelled>, IEventHandler<Picked>
    {
        public ValueTask HandleAsync(object @event, EventContext context, CancellationToken cancellationToken) => journal.AddAsync<object>(@event);

        public ValueTask HandleAsync(IOrderEvent @event, EventContext context, CancellationToken cancellationToken) => journal.AddAsync<IOrderEvent>(@event);

        public ValueTask HandleAsync(Placed @event, EventContext context, CancellationToken cancellationToken) => journal.AddAsync<Placed>(@event);

        public ValueTask HandleAsync(Cancelled @event, EventContext context, CancellationToken cancellationToken) => journal.AddAsync<Cancelled>(@event);

        public ValueTask HandleAsync(Picked @event, EventContext context, CancellationToken cancellationToken) => journal.AddAsync<Picked>(@event);
    }
}
