using EventBus.Storage;
using static EventBus.StoreContract.LogFacts;

namespace EventBus.StoreContract;

/// <summary>What every <see cref="IEventLog"/> must keep when it is opened, closed and taken over.</summary>
/// <typeparam name="THome">Where the log lives.</typeparam>
public abstract class EventLogOwnerContract<THome> : EventLogContract<THome>
    where THome : IEventLogHome, new()
{
    [Fact]
    public void A_log_that_is_made_by_opening_it_is_empty_and_was_closed() => Assert.Equal(new LogOpening(0, WasClosed: true), Opening);

    [Fact]
    public void A_log_that_was_closed_tells_so_and_where_it_stands()
    {
        var last = Append(Event("a"), Event("b"))[1];

        Restart();

        Assert.Equal(new LogOpening(last, WasClosed: true), Opening);
    }

    [Fact]
    public void A_log_whose_owner_died_tells_so_and_holds_what_was_committed()
    {
        var last = Append(Event("a"), Event("b"))[1];

        Crash();

        Assert.Equal(new LogOpening(last, WasClosed: false), Opening);
        Assert.Equal(["a", "b"], Ids());
    }

    [Fact]
    public void A_log_that_was_closed_with_work_under_way_tells_so()
    {
        Log.Close(clean: false);
        var first = Log.Open();
        Restart();

        Assert.False(first.WasClosed);
        Assert.True(Opening.WasClosed);
    }

    [Fact]
    public void Disposing_an_open_log_does_not_count_as_closing_it()
    {
        Log.Dispose();
        Crash();

        Assert.False(Opening.WasClosed);
    }

    [Fact]
    public void Closing_twice_and_disposing_after_it_changes_nothing()
    {
        Log.Close(clean: true);
        Log.Close(clean: false);
        Log.Dispose();

        Crash();

        Assert.True(Opening.WasClosed);
    }

    [Fact]
    public void A_log_that_is_not_open_begins_nothing()
    {
        Log.Close(clean: true);

        var refusal = Assert.Throws<EventLogException>(() => Log.Begin());

        Assert.False(refusal.IsTransient);
        Assert.Contains("Open()", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_an_earlier_owner_still_writes_fails_for_good_and_is_not_there()
    {
        Append(Event("a"));
        Commit(static transaction => transaction.SaveSubscription(Subscription("stock")));
        var earlier = Crash();

        Action<ILogTransaction>[] writes =
        [
            static transaction => transaction.Append(Event("b"), null),
            static transaction => transaction.SavePosition("stock", 99),
            static transaction => transaction.AddDeadLetter(Letter("b")),
            static transaction => transaction.Claim(new("stock", "b"), TimeSpan.FromDays(1), Time),
            static _ => { },
        ];

        foreach (var write in writes)
        {
            var refusal = Assert.Throws<EventLogException>(() =>
            {
                using var transaction = earlier.Begin();
                write(transaction);
                transaction.Commit();
            });
            Assert.False(refusal.IsTransient);
        }

        Assert.Equal(["a"], Ids());
        Assert.Equal(0, Assert.Single(Log.ReadSubscriptions()).Position);
        Assert.Equal(0, Log.ReadDeadLetterCount(new()));
        earlier.Dispose();
    }

    [Fact]
    public void An_earlier_owner_that_closes_does_not_close_for_its_successor()
    {
        var earlier = Crash();

        earlier.Close(clean: true);
        Append(Event("a"));
        Crash();

        Assert.False(Opening.WasClosed);
        Assert.Equal(["a"], Ids());
    }

    [Fact]
    public void A_name_tells_which_log_it_is() => Assert.NotEmpty(Log.Name);
}
