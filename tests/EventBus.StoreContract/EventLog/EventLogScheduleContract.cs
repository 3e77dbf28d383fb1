using EventBus.Storage;
using static EventBus.StoreContract.LogFacts;

namespace EventBus.StoreContract;

/// <summary>What every <see cref="IEventLog"/> must keep of scheduled events.</summary>
/// <typeparam name="THome">Where the log lives.</typeparam>
public abstract class EventLogScheduleContract<THome> : EventLogContract<THome>
    where THome : IEventLogHome, new()
{
    [Fact]
    public void A_scheduled_event_comes_back_with_all_its_facts()
    {
        var scheduled = new LogScheduledEvent(FullEvent("a"), Time.AddDays(2).AddTicks(3), TimeSpan.FromMinutes(3) + TimeSpan.FromTicks(1));
        Commit(transaction => transaction.AddScheduled(scheduled));

        Restart();

        AssertSame(scheduled with { Due = Time.AddDays(2) }, Assert.Single(Log.ReadScheduled(10)));
    }

    [Fact]
    public void Scheduled_events_come_in_order_of_due_time_and_then_of_being_added()
    {
        Commit(static transaction =>
        {
            transaction.AddScheduled(Scheduled("late", TimeSpan.FromHours(2)));
            transaction.AddScheduled(Scheduled("z", TimeSpan.FromHours(1)));
            transaction.AddScheduled(Scheduled("a", TimeSpan.FromHours(1)));
            transaction.AddScheduled(Scheduled("early", TimeSpan.FromHours(-1)));
        });
        Restart();

        Assert.Equal(["early", "z", "a", "late"], Log.ReadScheduled(10).Select(static scheduled => scheduled.Record.Id));
        Assert.Equal(["early", "z"], Log.ReadScheduled(2).Select(static scheduled => scheduled.Record.Id));
    }

    [Fact]
    public void An_id_is_scheduled_once()
    {
        var first = Commit(static transaction => transaction.AddScheduled(Scheduled("a", default)));
        var second = Commit(static transaction => transaction.AddScheduled(Scheduled("a", TimeSpan.FromHours(1))));

        Assert.Equal((true, false), (first, second));
        Assert.Equal(Time, Assert.Single(Log.ReadScheduled(10)).Due);
    }

    [Fact]
    public void A_scheduled_event_is_taken_out_once()
    {
        var scheduled = new LogScheduledEvent(FullEvent("a"), Time, TimeSpan.FromMinutes(1));
        Commit(transaction => transaction.AddScheduled(scheduled));

        var first = Commit(static transaction => transaction.RemoveScheduled("a"));
        var second = Commit(static transaction => transaction.RemoveScheduled("a"));

        AssertSame(scheduled, first);
        Assert.Null(second);
        Assert.Empty(Log.ReadScheduled(10));
        Assert.True(Commit(transaction => transaction.AddScheduled(scheduled)));
    }

    [Fact]
    public void Odd_ids_are_kept_apart_and_found()
    {
        Commit(static transaction =>
        {
            foreach (var text in OddTexts)
                Assert.True(transaction.AddScheduled(Scheduled(text, default)));
        });
        Restart();

        foreach (var text in OddTexts)
            AssertSame(Scheduled(text, default), Commit(transaction => transaction.RemoveScheduled(text)));
    }

    [Fact]
    public void An_activated_event_is_in_the_log_and_out_of_the_schedule_or_neither()
    {
        Commit(static transaction => transaction.AddScheduled(Scheduled("a", default)));

        RollBack(static transaction => transaction.Append(transaction.RemoveScheduled("a")!.Record, null));
        var before = (Log.Read(0, 10).Count, Log.ReadScheduled(10).Count);
        Commit(static transaction => transaction.Append(transaction.RemoveScheduled("a")!.Record, null));
        Crash();

        Assert.Equal((0, 1), before);
        Assert.Equal((1, 0), (Log.Read(0, 10).Count, Log.ReadScheduled(10).Count));
    }
}
