using EventBus.Storage;
using static EventBus.StoreContract.LogFacts;

namespace EventBus.StoreContract;

/// <summary>What every <see cref="IEventLog"/> must keep when an id comes a second time.</summary>
/// <typeparam name="THome">Where the log lives.</typeparam>
public abstract class EventLogDeduplicationContract<THome> : EventLogContract<THome>
    where THome : IEventLogHome, new()
{
    private static readonly DateTimeOffset s_ever = DateTimeOffset.MinValue;

    [Fact]
    public void A_given_id_that_is_there_is_found_and_not_added()
    {
        var first = AppendOnce(Given("a"));

        var second = AppendOnce(Given("a"));

        Assert.Equal(new LogAppended(first.Sequence), first);
        Assert.Equal(new LogAppended(first.Sequence, IsDuplicate: true), second);
        Assert.Equal(["a"], Ids());
    }

    [Fact]
    public void A_second_event_of_an_id_is_found_in_the_same_transaction()
    {
        var (first, second) = Commit(static transaction => (transaction.Append(Given("a"), s_ever), transaction.Append(Given("a"), s_ever)));

        Assert.Equal((first.Sequence, true), (second.Sequence, second.IsDuplicate));
    }

    [Fact]
    public void The_same_id_with_another_body_is_found_and_told_apart()
    {
        var first = AppendOnce(Given("a"));

        var second = AppendOnce(Given("a") with { Body = new byte[] { 1, 2 } });
        var empty = AppendOnce(Given("a") with { Body = default });

        Assert.Equal(new LogAppended(first.Sequence, IsDuplicate: true, IsSameBody: false), second);
        Assert.Equal(second, empty);
        Assert.Equal(new byte[] { 1, 2, 3 }, Assert.Single(Log.Read(0, 10)).Body.ToArray());
    }

    [Fact]
    public void The_same_body_is_the_same_whatever_else_differs()
    {
        var first = AppendOnce(Given("a"));

        var second = AppendOnce(Given("a", later: TimeSpan.FromHours(1)) with { Checksum = 8, Key = "k", CorrelationId = "visit" });

        Assert.Equal(new LogAppended(first.Sequence, IsDuplicate: true), second);
    }

    [Fact]
    public void The_same_id_of_another_type_is_another_event()
    {
        AppendOnce(Given("a"));

        Assert.False(AppendOnce(Given("a") with { Type = "order-shipped" }).IsDuplicate);
        Assert.False(AppendOnce(Given("a") with { Type = "Order-Placed" }).IsDuplicate);
        Assert.True(AppendOnce(Given("a")).IsDuplicate);
        Assert.Equal(2, AppendOnce(Given("a") with { Type = "order-shipped" }).Sequence);
    }

    [Fact]
    public void Another_version_of_a_type_is_the_same_type()
    {
        var first = AppendOnce(Given("a"));

        Assert.Equal((first.Sequence, true), (AppendOnce(Given("a") with { TypeVersion = 2 }) is var second ? second.Sequence : 0, second.IsDuplicate));
    }

    [Fact]
    public void An_event_under_another_name_of_its_type_is_found()
    {
        AppendOnce(Given("a") with { Type = "another" });
        var first = AppendOnce(Given("a") with { Type = "placed" });

        var second = Commit(static transaction => transaction.Append(Given("a"), s_ever, static name => name == "placed"));

        Assert.Equal((first.Sequence, true), (second.Sequence, second.IsDuplicate));
    }

    [Fact]
    public void The_same_id_of_another_source_is_another_event()
    {
        AppendOnce(Given("a"));
        AppendOnce(Given("a", ""));
        AppendOnce(Given("a", "till-1"));

        Assert.False(AppendOnce(Given("a", "till-2")).IsDuplicate);
        foreach (var source in new[] { null, "", "till-1", "till-2" })
            Assert.True(AppendOnce(Given("a", source)).IsDuplicate);
    }

    [Fact]
    public void An_id_that_the_bus_made_is_neither_looked_for_nor_found()
    {
        AppendOnce(Event("a"));

        Assert.False(AppendOnce(Event("a")).IsDuplicate);
        Assert.False(AppendOnce(Given("a")).IsDuplicate);
        Assert.False(AppendOnce(Event("a")).IsDuplicate);
        Assert.Equal(4, Log.Read(0, 10).Count);
    }

    [Fact]
    public void Without_a_window_nothing_is_looked_for()
    {
        Append(Given("a"), Given("a"));

        Assert.Equal(["a", "a"], Ids());
    }

    [Fact]
    public void An_event_from_before_the_window_is_not_found()
    {
        var first = AppendOnce(Given("a"));

        var atItsBegin = AppendOnce(Given("a", later: TimeSpan.FromDays(7)), since: Time);
        var past = AppendOnce(Given("a", later: TimeSpan.FromDays(8)), since: Time.AddMilliseconds(1));
        var again = AppendOnce(Given("a", later: TimeSpan.FromDays(9)), since: Time.AddMilliseconds(1));

        Assert.Equal((first.Sequence, true), (atItsBegin.Sequence, atItsBegin.IsDuplicate));
        Assert.False(past.IsDuplicate);
        Assert.Equal((past.Sequence, true), (again.Sequence, again.IsDuplicate));
    }

    [Fact]
    public void A_removed_event_is_not_found()
    {
        AppendOnce(Given("a"));
        Commit(static transaction => transaction.RemoveEvents(long.MaxValue, null, 1));

        Assert.False(AppendOnce(Given("a")).IsDuplicate);
    }

    [Fact]
    public void A_rolled_back_event_is_not_found()
    {
        RollBack(static transaction => transaction.Append(Given("a"), s_ever));

        Assert.False(AppendOnce(Given("a")).IsDuplicate);
    }

    [Fact]
    public void An_id_is_found_after_a_crash()
    {
        var first = AppendOnce(Given("a", "till"));

        Crash();

        Assert.Equal(new LogAppended(first.Sequence, IsDuplicate: true), AppendOnce(Given("a", "till")));
    }

    [Fact]
    public void Odd_ids_and_sources_are_told_apart_and_found()
    {
        foreach (var text in OddTexts)
        {
            Assert.False(AppendOnce(Given(text)).IsDuplicate);
            Assert.False(AppendOnce(Given("by-source", text)).IsDuplicate);
        }

        foreach (var text in OddTexts)
        {
            Assert.True(AppendOnce(Given(text)).IsDuplicate);
            Assert.True(AppendOnce(Given("by-source", text)).IsDuplicate);
        }
    }

    private LogAppended AppendOnce(LogRecord record, DateTimeOffset? since = null) => Commit(transaction => transaction.Append(record, since ?? s_ever));
}
