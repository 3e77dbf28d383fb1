using EventBus.Sqlite.Tests.Support;
using EventBus.Storage;

namespace EventBus.Sqlite.Tests;

public sealed class BackupTests : IDisposable
{
    private readonly OpenFile _file = new();

    public void Dispose() => _file.Dispose();

    [Fact]
    public void A_copy_that_is_made_while_the_log_is_written_is_a_log_of_what_was_committed()
    {
        _file.Append(Facts.Event("a"), Facts.Event("b"));
        using (var transaction = _file.Log.Begin())
        {
            transaction.Append(Facts.Event("under way"), null);
            _file.Log.Backup(Destination);
            transaction.Commit();
        }

        using var copy = new SqliteEventLog($"Data Source={Destination}");
        var opening = copy.Open();

        Assert.Equal(new LogOpening(2, WasClosed: false), opening);
        Assert.Equal(["a", "b"], copy.Ids());
        Assert.Empty(copy.CheckIntegrity());
        Assert.Equal(["a", "b", "under way"], _file.Log.Ids());
    }

    [Fact]
    public void A_file_that_is_there_is_not_written_over()
    {
        File.WriteAllText(Destination, "mine");

        var refusal = Assert.Throws<EventLogException>(() => _file.Log.Backup(Destination));

        Assert.Equal($"The event log '{_file.Path}' was not copied to '{Destination}': that file is there already, and a copy over it could be mixed of both. Delete it, or choose another name.", refusal.Message);
        Assert.True(refusal.IsTransient);
        Assert.Equal("mine", File.ReadAllText(Destination));
    }

    [Fact]
    public void A_missing_folder_is_named_with_the_remedy_and_the_log_goes_on()
    {
        var refusal = Assert.Throws<EventLogException>(() => _file.Log.Backup(Path.Combine(_file.Folder, "missing", "copy.db")));

        Assert.EndsWith("the folder does not exist. Create the folder, or choose another one.", refusal.Message, StringComparison.Ordinal);
        Assert.True(refusal.IsTransient);
        _file.Append(Facts.Event("a"));
    }

    [Fact]
    public void A_copy_that_cannot_be_written_is_told_and_nothing_of_it_stays()
    {
        var name = new string('x', 300);

        var failure = Assert.Throws<EventLogException>(() => _file.Log.Backup(Path.Combine(_file.Folder, name)));

        Assert.EndsWith("Make room there, or give the process the right to write there, and try again.", failure.Message, StringComparison.Ordinal);
        Assert.True(failure.IsTransient);
    }

    [Fact]
    public void A_copy_that_is_cancelled_leaves_no_file_and_the_log_goes_on()
    {
        _file.Append(Facts.Event("a"));

        Assert.Throws<OperationCanceledException>(() => _file.Log.Backup(Destination, new CancellationToken(canceled: true)));

        Assert.False(File.Exists(Destination));
        _file.Append(Facts.Event("b"));
        _file.Log.Backup(Destination);
        using var copy = new SqliteEventLog($"Data Source={Destination}");
        copy.Open();
        Assert.Equal(["a", "b"], copy.Ids());
    }

    [Fact]
    public void A_copy_of_many_pages_is_whole()
    {
        _file.Append([.. Enumerable.Range(0, 8).Select(static i => Facts.Event($"{i}", bytes: 1024 * 1024))]);

        _file.Log.Backup(Destination, CancellationToken.None);

        using var copy = new SqliteEventLog($"Data Source={Destination}");
        copy.Open();
        Assert.Equal(_file.Log.Ids(), copy.Ids());
        Assert.Empty(copy.CheckIntegrity());
    }

    private string Destination => Path.Combine(_file.Folder, "copy.db");
}
