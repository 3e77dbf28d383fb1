using EventBus.Sqlite.Tests.Support;
using EventBus.Storage;

namespace EventBus.Sqlite.Tests;

public sealed class LockedFileTests : IDisposable
{
    private readonly OpenFile _file = new(new() { BusyTimeout = TimeSpan.FromMilliseconds(20) });

    public void Dispose() => _file.Dispose();

    [Fact]
    public void A_write_transaction_of_another_is_told_after_the_wait_with_the_remedy_and_work_goes_on_after_it()
    {
        using var other = _file.Connect();
        other.Run("BEGIN IMMEDIATE");

        var refusal = Assert.Throws<EventLogBusyException>(() => _file.Append(Facts.Event("a")));
        other.Run("COMMIT");
        _file.Append(Facts.Event("b"));

        Assert.True(refusal.IsTransient);
        Assert.Contains($"'{_file.Path}' was locked by another connection for 0.02 s; nothing was written", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("Commit or roll back that transaction before you publish", refusal.Message, StringComparison.Ordinal);
        Assert.Equal(["b"], _file.Log.Ids());
    }

    [Fact]
    public void Reading_goes_on_while_another_writes()
    {
        _file.Append(Facts.Event("a"));
        using var other = _file.Connect();
        other.Run("BEGIN IMMEDIATE; INSERT INTO types (name, version) VALUES ('theirs', 1)");

        Assert.Equal(["a"], _file.Log.Ids());
        Assert.Equal(1, _file.Log.ReadStatistics().Events);
        Assert.Empty(_file.Log.CheckIntegrity());
    }

    [Fact]
    public async Task A_transaction_begins_when_another_ends_within_the_wait()
    {
        using var patient = new OpenFile(new() { BusyTimeout = TimeSpan.FromMinutes(1) });
        using var other = patient.Connect();
        other.Run("BEGIN IMMEDIATE");
        using var start = new Barrier(2);
        var release = Task.Factory.StartNew(
            () =>
            {
                start.SignalAndWait();
                other.Run("COMMIT");
            },
            CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

        start.SignalAndWait();
        patient.Append(Facts.Event("a"));
        await release;

        Assert.Equal(["a"], patient.Log.Ids());
    }

    [Fact]
    public void A_log_that_is_locked_when_it_is_opened_is_told_and_nothing_is_held()
    {
        _file.Log.Close(clean: true);
        using var other = _file.Connect();
        other.Run("BEGIN IMMEDIATE");

        Assert.Throws<EventLogBusyException>(() => _file.Log.Open());
        other.Run("COMMIT");

        Assert.True(_file.Log.Open().WasClosed);
    }

    [Fact]
    public void A_log_that_is_locked_when_it_is_closed_lets_go_and_is_found_not_closed()
    {
        using (var other = _file.Connect())
        {
            other.Run("BEGIN IMMEDIATE");
            Assert.Throws<EventLogBusyException>(() => _file.Log.Close(clean: true));
        }

        Assert.False(_file.Restart().WasClosed);
    }

    [Fact]
    public void A_file_that_can_no_longer_be_written_is_an_error_for_good()
    {
        _file.Log.Opened.Writer.Execute("PRAGMA query_only = 1");

        var failure = Assert.Throws<EventLogException>(() => _file.Append(Facts.Event("a")));

        Assert.False(failure.IsTransient);
        Assert.EndsWith("Give the process the right to write to the file and its folder, then start the bus again.", failure.Message, StringComparison.Ordinal);
    }
}
