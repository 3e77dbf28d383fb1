using EventBus.Sqlite.Tests.Support;
using EventBus.Storage;

namespace EventBus.Sqlite.Tests;

public sealed class TransactionTests : IDisposable
{
    private readonly OpenFile _file = new();

    public void Dispose() => _file.Dispose();

    [Fact]
    public void A_second_transaction_is_refused_while_one_is_under_way()
    {
        using var first = _file.Log.Begin();

        var refusal = Assert.Throws<EventLogException>(() => _file.Log.Begin());

        Assert.Equal($"A transaction of the event log '{_file.Path}' is under way. Commit and dispose it before you begin another one.", refusal.Message);
    }

    [Fact]
    public void A_transaction_commits_once()
    {
        using var transaction = _file.Log.Begin();
        transaction.Commit();

        Assert.Throws<EventLogException>(transaction.Commit);
    }

    [Fact]
    public void A_transaction_that_is_open_when_the_log_is_closed_is_rolled_back()
    {
        var transaction = _file.Log.Begin();
        transaction.Append(Facts.Event("a"), null);

        _file.Log.Close(clean: true);
        transaction.Dispose();

        Assert.True(_file.Restart().WasClosed);
        Assert.Empty(_file.Log.Ids());
    }

    [Fact]
    public void A_refused_change_keeps_the_transaction_from_being_committed()
    {
        using (var transaction = _file.Log.Begin())
        {
            transaction.Append(Facts.Event("a"), null);
            Assert.Throws<EventLogException>(() => transaction.SavePosition("nobody", 1));
            Assert.Throws<EventLogException>(transaction.Commit);
        }

        Assert.Empty(_file.Log.Ids());
    }

    [Fact]
    public void An_owner_that_lost_the_log_is_told_what_to_do()
    {
        _file.Log.AbandonLock();
        using var successor = _file.Create();
        successor.Open();

        var refusal = Assert.Throws<EventLogException>(() => _file.Log.Begin());

        Assert.Equal($"The event log '{_file.Path}' has another owner since: it was opened again while this bus had it. Nothing was written. Stop this bus; the log belongs to the one that opened it last.", refusal.Message);
        using var transaction = successor.Begin();
        transaction.Commit();
    }

    [Fact]
    public void Names_with_sql_in_them_are_only_names()
    {
        const string name = "x'; DROP TABLE events; DELETE FROM log; --\" ?1 :a";
        _file.Commit(static transaction =>
        {
            var record = Facts.Event(name) with { Type = name, Key = name, Source = name, CorrelationId = name, IsIdGiven = true };
            transaction.Append(record, DateTimeOffset.MinValue);
            transaction.SaveSubscription(new() { Name = name, Position = 1, EventTypes = [name] });
            transaction.SaveDelivery(name, new() { Sequence = 1, State = LogDeliveryState.Waiting, Key = name });
            transaction.AddDeadLetter(Facts.Letter(name, name));
            transaction.AddScheduled(new(record, Facts.Time, null));
            transaction.Claim(new(name, name), TimeSpan.FromMinutes(1), Facts.Time);
            transaction.RenameSubscription(name, name + "2");
            return 0;
        });

        Assert.Single(_file.Log.Read(0, 10, new() { Types = [name], Key = name, CorrelationId = name }));
        Assert.Single(_file.Log.ReadDeliveries(name + "2"));
        Assert.Equal(1, _file.Log.ReadDeadLetterCount(new() { Subscription = name + "2", EventType = "order-placed", CorrelationId = name }));
        Assert.Equal(name, Assert.Single(_file.Log.ReadScheduled(1)).Record.Id);
        Assert.Empty(_file.Log.CheckIntegrity());
    }
}
