using EventBus.BehaviourTests.Support;
using EventBus.Storage;
using Microsoft.Extensions.DependencyInjection;
using NSubstitute;

namespace EventBus.BehaviourTests;

/// <summary>Every interface of the bus can be a substitute in the tests of an application.</summary>
public sealed class SubstituteTests
{
    [Fact]
    public async Task A_bus_can_be_one_and_tells_what_was_published_to_it()
    {
        var bus = Substitute.For<IEventBus>();
        var receipt = new StopReceipt { Subscriptions = [], StillScheduled = [], Elapsed = TimeSpan.FromSeconds(1) };
        bus.StopAsync().Returns(receipt);

        await bus.PublishAsync("fact");
        await bus.PublishManyAsync(["a", "b"]);

        await bus.Received(1).PublishAsync("fact", null, Arg.Any<CancellationToken>());
        await bus.Received(1).PublishManyAsync(Arg.Is<IReadOnlyList<string>>(static events => events.Count == 2));
        Assert.Same(receipt, await bus.StopAsync());
    }

    [Fact]
    public async Task A_container_whose_bus_is_one_says_that_its_publisher_is_missing()
    {
        await using var provider = new ServiceCollection().AddEventBus().AddSingleton(Substitute.For<IEventBus>()).BuildServiceProvider();

        var error = Assert.Throws<InvalidOperationException>(provider.GetRequiredService<IEventPublisher>);

        Assert.Contains("services.AddSingleton<IEventPublisher>(...)", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_publisher_bound_to_a_type_can_be_one()
    {
        var publisher = Substitute.For<IEventPublisher>();
        var bound = Substitute.For<IEventPublisher<string>>();
        publisher.For<string>().Returns(bound);

        await publisher.For<string>().PublishAsync("fact");

        await bound.Received(1).PublishAsync("fact", null, Arg.Any<CancellationToken>());
    }

    [Fact]
    public void A_subscription_can_be_one()
    {
        var subscription = Substitute.For<ISubscription>();
        subscription.Name.Returns("mail");
        subscription.Statistics.Returns(new SubscriptionStatistics { Accepted = 3, Handled = 2, Waiting = 1 });
        var bus = Substitute.For<IEventBus>();
        bus.Subscriptions.Returns([subscription]);

        var waiting = bus.Subscriptions.Single(static one => one.Name == "mail").Statistics.Waiting;

        Assert.Equal(1, waiting);
    }

    [Fact]
    public async Task A_dead_letter_store_can_be_one_that_was_told_nothing()
    {
        var store = Substitute.For<IDeadLetterStore>();
        var alerted = new List<DeadLetter>();
        await using var bus = new EventBusBuilder()
            .UseDeadLetterStore(store)
            .OnDeadLetter((letter, _) =>
            {
                alerted.Add(letter);
                return default;
            })
            .Handle<string>(static (@event, _, _) => @event == "poison" ? throw new DoNotRetryException() : default)
            .Build();

        await bus.PublishManyAsync(["poison", "fact"]);
        await bus.WhenSettled();

        await store.Received(1).AddAsync(Arg.Is<DeadLetter>(static letter => Equals(letter.Event, "poison")), Arg.Any<CancellationToken>());
        Assert.Equal("poison", Assert.Single(alerted).Event);
        Assert.Equal((1, 1), (bus.Subscriptions[0].Statistics.DeadLettered, bus.Subscriptions[0].Statistics.Handled));
        Assert.Equal(0, await bus.DeadLetters.RedriveAsync(new DeadLetterQuery()));
    }

    [Fact]
    public async Task An_idempotency_store_can_be_one()
    {
        var store = Substitute.For<IIdempotencyStore>();
        store.ClaimAsync(new("stock", "known") { EventType = "System.String" }, Arg.Any<TimeSpan>(), Arg.Any<CancellationToken>()).Returns(IdempotencyClaim.Completed());
        store.ClaimAsync(new("stock", "fresh") { EventType = "System.String" }, Arg.Any<TimeSpan>(), Arg.Any<CancellationToken>()).Returns(IdempotencyClaim.Won(7));
        await using var bus = new EventBusBuilder()
            .UseIdempotencyStore(store)
            .Handle<string>(static (_, _, _) => default, static s => s.Named("stock").Idempotent())
            .Build();

        await bus.PublishAsync("fact", new PublishOptions { Id = "known" });
        await bus.PublishAsync("fact", new PublishOptions { Id = "fresh" });
        await bus.WhenSettled();

        Assert.Equal((1, 1), (bus.Subscriptions[0].Statistics.Duplicates, bus.Subscriptions[0].Statistics.Handled));
        await store.Received(1).CompleteAsync(new("stock", "fresh") { EventType = "System.String" }, 7, SubscriptionSettings.DefaultIdempotencyWindow, Arg.Any<CancellationToken>());
    }
}
