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

        Assert.Null(first);
        AssertSame(Scheduled("a", default), second);
        AssertSame(Scheduled("a", default), Assert.Single(Log.ReadScheduled(10)));
    }

    [Fact]
    public void The_same_id_of_another_type_or_source_is_another_entry()
    {
        LogScheduledEvent[] all = [.. new[] { null, "", "till" }.SelectMany(static source => new[] { "order-placed", "order-shipped" }.Select(type => Of(type, source)))];

        foreach (var one in all)
            Assert.Null(Commit(transaction => transaction.AddScheduled(one)));
        foreach (var one in all)
            AssertSame(one, Commit(transaction => transaction.AddScheduled(one with { Due = Time.AddDays(1) })));
        foreach (var one in all)
            AssertSame(one, Commit(transaction => transaction.RemoveScheduled(one.Record.Type, one.Record.Source, "a")));

        Assert.Empty(Log.ReadScheduled(10));

        static LogScheduledEvent Of(string type, string? source) => new(Event("a") with { Type = type, Source = source }, Time, null);
    }

    [Fact]
    public void An_entry_of_another_version_or_name_of_its_type_is_found()
    {
        var older = new LogScheduledEvent(Event("a") with { Type = "placed" }, Time, null);
        Commit(transaction => transaction.AddScheduled(older));

        AssertSame(older, Commit(transaction => transaction.AddScheduled(new(Event("a"), Time, null), static name => name == "placed")));
        AssertSame(older, Commit(transaction => transaction.AddScheduled(older with { Record = older.Record with { TypeVersion = 2 } })));
        Assert.Null(Commit(static transaction => transaction.RemoveScheduled("order-placed", null, "a")));
        AssertSame(older, Commit(static transaction => transaction.RemoveScheduled("order-placed", null, "a", static name => name == "placed")));
    }

    [Fact]
    public void A_scheduled_event_is_taken_out_once()
    {
        var scheduled = new LogScheduledEvent(FullEvent("a"), Time, TimeSpan.FromMinutes(1));
        Commit(transaction => transaction.AddScheduled(scheduled));

        var first = Commit(static transaction => Remove(transaction, "a"));
        var second = Commit(static transaction => Remove(transaction, "a"));

        AssertSame(scheduled, first);
        Assert.Null(second);
        Assert.Empty(Log.ReadScheduled(10));
        Assert.Null(Commit(transaction => transaction.AddScheduled(scheduled)));
    }

    [Fact]
    public void Odd_ids_are_kept_apart_and_found()
    {
        Commit(static transaction =>
        {
            foreach (var text in OddTexts)
                Assert.Null(transaction.AddScheduled(Scheduled(text, default)));
        });
        Restart();

        foreach (var text in OddTexts)
            AssertSame(Scheduled(text, default), Commit(transaction => Remove(transaction, text)));
    }

    [Fact]
    public void An_activated_event_is_in_the_log_and_out_of_the_schedule_or_neither()
    {
        Commit(static transaction => transaction.AddScheduled(Scheduled("a", default)));

        RollBack(static transaction => transaction.Append(Remove(transaction, "a")!.Record, null));
        var before = (Log.Read(0, 10).Count, Log.ReadScheduled(10).Count);
        Commit(static transaction => transaction.Append(Remove(transaction, "a")!.Record, null));
        Crash();

        Assert.Equal((0, 1), before);
        Assert.Equal((1, 0), (Log.Read(0, 10).Count, Log.ReadScheduled(10).Count));
    }

    private static LogScheduledEvent? Remove(ILogTransaction transaction, string id)
    {
        var record = id == "a" ? FullEvent(id) : Event(id);
        return transaction.RemoveScheduled(record.Type, record.Source, id) ?? transaction.RemoveScheduled(Event(id).Type, null, id);
    }
}
