using EventBus.Storage;
using static EventBus.StoreContract.LogFacts;

namespace EventBus.StoreContract;

/// <summary>What every <see cref="IEventLog"/> must keep of subscriptions and their deliveries.</summary>
/// <typeparam name="THome">Where the log lives.</typeparam>
public abstract class EventLogSubscriptionContract<THome> : EventLogContract<THome>
    where THome : IEventLogHome, new()
{
    [Fact]
    public void A_subscription_comes_back_with_all_its_facts_and_replaces_an_earlier_state()
    {
        var later = new LogSubscription { Name = "stock", Position = 7, Generation = 2, ReplayEnd = 9, EventTypes = ["b", "a", "a"] };
        Commit(static transaction => transaction.SaveSubscription(new() { Name = "stock", Position = 99, EventTypes = ["x", "y", "z", "w"] }));
        Commit(transaction => transaction.SaveSubscription(later));
        AppendUpTo(9);

        Restart();

        AssertSame(later, Assert.Single(Log.ReadSubscriptions()));
    }

    [Fact]
    public void Subscriptions_come_in_order_of_name_each_with_its_own_event_types()
    {
        Commit(static transaction =>
        {
            foreach (var name in new[] { "b", "a", "B", "a/b", "c" })
                transaction.SaveSubscription(Subscription(name) with { EventTypes = name == "c" ? [] : [name, "x"] });
        });

        var names = Log.ReadSubscriptions();

        Assert.Equal(["B", "a", "a/b", "b", "c"], names.Select(static subscription => subscription.Name));
        Assert.All(names, static subscription => Assert.Equal(subscription.Name == "c" ? [] : [subscription.Name, "x"], subscription.EventTypes));
    }

    [Fact]
    public void A_position_moves_alone()
    {
        var saved = new LogSubscription { Name = "stock", Position = 1, Generation = 3, ReplayEnd = 4, EventTypes = ["a"] };
        Commit(transaction => transaction.SaveSubscription(saved));

        Commit(static transaction => transaction.SavePosition("stock", 42));

        AssertSame(saved with { Position = 42 }, Assert.Single(Log.ReadSubscriptions()));
    }

    [Fact]
    public void A_position_of_an_unknown_subscription_is_refused()
    {
        var refusal = Assert.Throws<EventLogException>(() => Commit(static transaction => transaction.SavePosition("nobody", 1)));

        Assert.Contains("'nobody'", refusal.Message, StringComparison.Ordinal);
        Assert.Empty(Log.ReadSubscriptions());
    }

    [Fact]
    public void The_first_delivery_is_the_least_of_the_subscriptions_own_that_is_not_settled_and_none_of_a_dead_letter()
    {
        Commit(static transaction =>
        {
            foreach (var name in new[] { "stock", "mail", "letters" })
                transaction.SaveSubscription(Subscription(name));
            transaction.SaveDelivery("stock", new() { Sequence = 3, DeadLetterId = 9, State = LogDeliveryState.Waiting });
            transaction.SaveDelivery("stock", new() { Sequence = 8, State = LogDeliveryState.Waiting });
            transaction.SaveDelivery("stock", new() { Sequence = 7, State = LogDeliveryState.Waiting });
            transaction.SaveDelivery("stock", new() { Sequence = 6, State = LogDeliveryState.Settled });
            transaction.SaveDelivery("mail", new() { Sequence = 1, State = LogDeliveryState.Waiting });
            transaction.SaveDelivery("letters", new() { Sequence = 2, DeadLetterId = 1, State = LogDeliveryState.Waiting });
        });

        Assert.Equal(7, Log.ReadFirstDelivery("stock"));
        Assert.Equal(1, Log.ReadFirstDelivery("mail"));
        Assert.Null(Log.ReadFirstDelivery("letters"));
        Assert.Null(Log.ReadFirstDelivery("nobody"));

        Commit(static transaction => transaction.RemoveDelivery("stock", 7, 0));

        Assert.Equal(8, Log.ReadFirstDelivery("stock"));
    }

    [Fact]
    public void Odd_names_and_event_types_are_kept_apart()
    {
        Commit(static transaction =>
        {
            foreach (var text in OddTexts)
            {
                transaction.SaveSubscription(Subscription(text) with { EventTypes = [text] });
                transaction.SaveDelivery(text, Delivery(1) with { Key = text });
                transaction.AddDeadLetter(Letter("x", subscription: text));
            }
        });
        AppendUpTo(1);
        Restart();

        Assert.Equal(OddTexts.ToHashSet(), Log.ReadSubscriptions().Select(static subscription => Assert.Single(subscription.EventTypes)).ToHashSet());
        foreach (var text in OddTexts)
        {
            Assert.Equal(text, Assert.Single(Log.ReadDeliveries(text)).Key);
            Assert.Equal(text, Assert.Single(Log.ReadDeadLetters(new() { Subscription = text }, 0, 10)).Subscription);
        }
    }

    [Fact]
    public void A_delivery_comes_back_with_all_its_facts_and_replaces_an_earlier_state()
    {
        var delivery = new LogDelivery
        {
            Sequence = 5,
            DeadLetterId = 3,
            Key = "k",
            Attempts = 4,
            State = LogDeliveryState.Running,
            Due = Time.AddTicks(1),
            Wait = TimeSpan.FromSeconds(10) + TimeSpan.FromTicks(7),
            FirstAttempt = Time.AddTicks(3),
        };
        Commit(static transaction => transaction.SaveDelivery("stock", Delivery(5, 3)));
        Commit(transaction => transaction.SaveDelivery("stock", delivery));
        AppendUpTo(5);

        Restart();

        Assert.Equal(delivery with { Due = Time, FirstAttempt = Time }, Assert.Single(Log.ReadDeliveries("stock")));
    }

    [Theory]
    [InlineData(LogDeliveryState.Waiting)]
    [InlineData(LogDeliveryState.BehindKey)]
    [InlineData(LogDeliveryState.Running)]
    [InlineData(LogDeliveryState.Settled)]
    public void Each_state_of_a_delivery_is_kept(LogDeliveryState state)
    {
        AppendUpTo(5);
        Commit(transaction => transaction.SaveDelivery("stock", Delivery(5) with { State = state }));

        Restart();

        Assert.Equal(state, Assert.Single(Log.ReadDeliveries("stock")).State);
    }

    [Fact]
    public void Deliveries_come_in_order_of_sequence_and_dead_letter_and_of_their_subscription_only()
    {
        Commit(static transaction =>
        {
            foreach (var (sequence, letter) in new[] { (7, 0), (5, 2), (5, 0), (0, 9), (5, 1) })
                transaction.SaveDelivery("stock", Delivery(sequence, letter));
            transaction.SaveDelivery("mail", Delivery(1));
        });

        Assert.Equal([(0, 9), (5, 0), (5, 1), (5, 2), (7, 0)], Log.ReadDeliveries("stock").Select(static delivery => (delivery.Sequence, delivery.DeadLetterId)));
        Assert.Empty(Log.ReadDeliveries("Stock"));
    }

    [Fact]
    public void A_removed_delivery_is_gone_and_its_neighbours_stay()
    {
        Commit(static transaction =>
        {
            transaction.SaveDelivery("stock", Delivery(5));
            transaction.SaveDelivery("stock", Delivery(5, 1));
            transaction.SaveDelivery("mail", Delivery(5));
        });

        Commit(static transaction =>
        {
            transaction.RemoveDelivery("stock", 5, 0);
            transaction.RemoveDelivery("stock", 6, 0);
        });

        Assert.Equal(1, Assert.Single(Log.ReadDeliveries("stock")).DeadLetterId);
        Assert.Single(Log.ReadDeliveries("mail"));
    }

    [Fact]
    public void Removing_deliveries_from_a_sequence_on_leaves_earlier_ones_and_redriven_dead_letters()
    {
        Commit(static transaction =>
        {
            foreach (var (sequence, letter) in new[] { (4, 0), (5, 0), (5, 1), (6, 0), (6, 2) })
                transaction.SaveDelivery("stock", Delivery(sequence, letter));
            transaction.SaveDelivery("mail", Delivery(6));
        });

        Commit(static transaction => transaction.RemoveDeliveriesFrom("stock", 5));

        Assert.Equal([(4, 0), (5, 1), (6, 2)], Log.ReadDeliveries("stock").Select(static delivery => (delivery.Sequence, delivery.DeadLetterId)));
        Assert.Single(Log.ReadDeliveries("mail"));
    }

    [Fact]
    public void Removing_a_subscription_takes_its_deliveries_and_leaves_its_dead_letters()
    {
        Commit(static transaction =>
        {
            transaction.SaveSubscription(Subscription("stock") with { EventTypes = ["a"] });
            transaction.SaveSubscription(Subscription("mail"));
            transaction.SaveDelivery("stock", Delivery(1));
            transaction.SaveDelivery("mail", Delivery(1));
            transaction.AddDeadLetter(Letter("x", subscription: "stock"));
        });

        var (first, second) = Commit(static transaction => (transaction.RemoveSubscription("stock"), transaction.RemoveSubscription("stock")));
        Commit(static transaction => transaction.SaveSubscription(Subscription("stock")));

        Assert.Equal((true, false), (first, second));
        Assert.Empty(Log.ReadDeliveries("stock"));
        Assert.All(Log.ReadSubscriptions(), static subscription => Assert.Empty(subscription.EventTypes));
        Assert.Single(Log.ReadDeliveries("mail"));
        Assert.Equal(1, Log.ReadDeadLetterCount(new() { Subscription = "stock" }));
    }

    [Fact]
    public void Removing_a_subscription_hides_none_of_its_dead_letters_that_are_being_redriven()
    {
        var (own, other) = Commit(static transaction =>
        {
            transaction.SaveSubscription(Subscription("stock"));
            transaction.SaveSubscription(Subscription("mail"));
            var (own, other) = (transaction.AddDeadLetter(Letter("x", subscription: "stock")), transaction.AddDeadLetter(Letter("y", subscription: "mail")));
            transaction.MarkDeadLetter(own, isRedriven: true);
            transaction.MarkDeadLetter(other, isRedriven: true);
            transaction.SaveDelivery("stock", Delivery(1, own));
            transaction.SaveDelivery("mail", Delivery(1, other));
            return (own, other);
        });

        Commit(static transaction => transaction.RemoveSubscription("stock"));

        Assert.Equal(own, Assert.Single(Log.ReadDeadLetters(new(), 0, 10)).Id);
        Assert.Equal(1, Log.ReadDeadLetterCount(new()));
        Assert.True(Commit(transaction => transaction.MarkDeadLetter(own, isRedriven: true)));
        Assert.False(Commit(transaction => transaction.MarkDeadLetter(other, isRedriven: true)));
    }

    [Fact]
    public void Renaming_a_subscription_carries_state_deliveries_and_dead_letters_over()
    {
        var saved = new LogSubscription { Name = "old", Position = 5, Generation = 1, ReplayEnd = 2, EventTypes = ["a", "b"] };
        Commit(transaction =>
        {
            transaction.SaveSubscription(saved);
            transaction.SaveDelivery("old", Delivery(1));
            transaction.SaveDelivery("old", Delivery(2, 3));
            transaction.AddDeadLetter(Letter("x", subscription: "old"));
            transaction.AddDeadLetter(Letter("y", subscription: "other"));
        });

        Commit(static transaction => transaction.RenameSubscription("old", "new"));

        AssertSame(saved with { Name = "new" }, Assert.Single(Log.ReadSubscriptions()));
        Assert.Empty(Log.ReadDeliveries("old"));
        Assert.Equal([1, 2], Log.ReadDeliveries("new").Select(static delivery => delivery.Sequence));
        Assert.Equal("x", Assert.Single(Log.ReadDeadLetters(new() { Subscription = "new" }, 0, 10)).Record.Id);
        Assert.Equal(1, Log.ReadDeadLetterCount(new() { Subscription = "other" }));
    }

    [Fact]
    public void Renaming_a_subscription_carries_over_what_it_has_handled_and_no_others()
    {
        Commit(static transaction =>
        {
            transaction.SaveSubscription(Subscription("old"));
            foreach (var scope in new[] { "old", "other" })
                transaction.CompleteClaim(new(scope, "a"), transaction.Claim(new(scope, "a"), TimeSpan.FromMinutes(1), Time).Token, TimeSpan.FromDays(1), Time);
        });

        Commit(static transaction => transaction.RenameSubscription("old", "new"));
        var claims = Commit(static transaction => new[] { "new", "old", "other" }.Select(scope => transaction.Claim(new(scope, "a"), TimeSpan.FromMinutes(1), Time).Status).ToList());

        Assert.Equal([IdempotencyClaimStatus.Completed, IdempotencyClaimStatus.Won, IdempotencyClaimStatus.Completed], claims);
    }

    [Fact]
    public void Renaming_to_a_name_that_is_taken_is_refused_and_changes_nothing()
    {
        Commit(static transaction =>
        {
            transaction.SaveSubscription(Subscription("old", 1));
            transaction.SaveSubscription(Subscription("taken", 2));
        });

        var refusal = Assert.Throws<EventLogException>(() => Commit(static transaction => transaction.RenameSubscription("old", "taken")));

        Assert.Contains("'taken'", refusal.Message, StringComparison.Ordinal);
        Assert.Equal([("old", 1), ("taken", 2)], Log.ReadSubscriptions().Select(static subscription => (subscription.Name, subscription.Position)));
    }

    [Fact]
    public void An_append_and_the_positions_of_its_commit_are_there_together_after_a_crash()
    {
        Commit(static transaction => transaction.SaveSubscription(Subscription("stock")));
        Commit(static transaction => transaction.SavePosition("stock", transaction.Append(Event("a"), null).Sequence));

        Crash();

        Assert.Equal(Log.Read(0, 10)[^1].Sequence, Assert.Single(Log.ReadSubscriptions()).Position);
    }
}
