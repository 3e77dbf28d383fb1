using EventBus.Sqlite.Tests.Support;
using EventBus.Storage;

namespace EventBus.Sqlite.Tests;

public sealed class FullDiskTests : IDisposable
{
    private readonly OpenFile _file = new();

    public void Dispose() => _file.Dispose();

    [Fact]
    public void A_full_disk_is_told_and_nothing_is_written_and_it_goes_on_when_there_is_room()
    {
        _file.Append(Facts.Event("before"));
        Full(true);

        var failure = Assert.Throws<EventLogException>(() => _file.Append(Facts.Event("first"), Facts.Event("large", bytes: 100_000)));
        var ids = _file.Log.Ids().ToList();
        Full(false);
        _file.Append(Facts.Event("after"));

        Assert.True(failure.IsTransient);
        Assert.StartsWith($"The event log '{_file.Path}' cannot grow: the disk is full, or a quota is reached; nothing was written (SQLite error 13: ", failure.Message, StringComparison.Ordinal);
        Assert.Equal(["before"], ids);
        Assert.Equal(["before", "after"], _file.Log.Ids());
        Assert.Empty(_file.Log.CheckIntegrity());
    }

    [Fact]
    public void Nothing_that_was_committed_before_is_lost_when_the_log_is_opened_again_with_the_disk_full()
    {
        _file.Append(Facts.Event("before"));
        Full(true);
        Assert.Throws<EventLogException>(() => _file.Append(Facts.Event("large", bytes: 100_000)));

        _file.Restart();

        Assert.Equal(["before"], _file.Log.Ids());
    }

    [Fact]
    public void A_transaction_that_met_the_full_disk_cannot_commit_what_is_left_of_it()
    {
        Full(true);
        using (var transaction = _file.Log.Begin())
        {
            transaction.SaveSubscription(new() { Name = "stock", Position = 0 });
            Assert.Throws<EventLogException>(() => transaction.Append(Facts.Event("large", bytes: 100_000), null));

            var refusal = Assert.Throws<EventLogException>(transaction.Commit);
            Assert.Equal($"This transaction of the event log '{_file.Path}' has failed before, and cannot be committed. Dispose it and begin another one.", refusal.Message);
        }

        Full(false);
        _file.Append(Facts.Event("after"));
        Assert.Empty(_file.Log.ReadSubscriptions());
    }

    [Fact]
    public void A_type_of_an_append_that_failed_is_written_with_the_next()
    {
        Full(true);
        Assert.Throws<EventLogException>(() => _file.Append(Facts.Event("large", bytes: 100_000) with { Type = "rare" }));
        Full(false);

        _file.Append(Facts.Event("a") with { Type = "other" }, Facts.Event("b") with { Type = "rare" });

        Assert.Equal(["other", "rare"], _file.Log.Read(0, 10).Select(static record => record.Type));
    }

    [Fact]
    public void Reading_and_removing_work_on_a_full_disk()
    {
        _file.Append([.. Enumerable.Range(0, 100).Select(static i => Facts.Event($"{i}", bytes: 1000))]);
        Full(true);

        var removed = _file.Commit(static transaction => transaction.RemoveEvents(long.MaxValue, null, 90));
        _file.Append(Facts.Event("after", bytes: 10_000));

        Assert.Equal(90, removed);
        Assert.Equal(11, _file.Log.Ids().Count());
    }

    // What a full disk does to SQLite: a page that it needs is not to be had.
    private void Full(bool isFull)
    {
        var writer = _file.Log.Opened.Writer;
        writer.Scalar($"PRAGMA max_page_count = {(isFull ? writer.Scalar("PRAGMA page_count") : 1_000_000)}");
    }
}
