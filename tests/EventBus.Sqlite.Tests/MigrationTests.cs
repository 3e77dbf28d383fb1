using EventBus.Sqlite.Opening;
using EventBus.Sqlite.Tests.Support;
using EventBus.Storage;

namespace EventBus.Sqlite.Tests;

public sealed class MigrationTests : IDisposable
{
    private const string Next = "CREATE TABLE next (x INTEGER NOT NULL); INSERT INTO next VALUES (2)";
    private const string FailsInTheMiddle = "CREATE TABLE other (x INTEGER NOT NULL); DROP TABLE claims; INSERT INTO nowhere VALUES (1)";

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_new_file_has_the_mark_of_the_application_and_the_newest_version()
    {
        Open(Schema.Steps);

        using var connection = OpenFile.Connect(_folder.File());
        Assert.Equal(0x45764273, connection.Number("PRAGMA application_id"));
        Assert.Equal(Schema.Steps.Count, connection.Number("PRAGMA user_version"));
        Assert.Equal("wal", connection.Value("PRAGMA journal_mode"));
    }

    [Fact]
    public void An_older_file_is_brought_up_to_date_and_keeps_what_it_holds()
    {
        Open(Schema.Steps, append: "a");

        Open([.. Schema.Steps, Next], append: "b");

        using var connection = OpenFile.Connect(_folder.File());
        Assert.Equal(Schema.Steps.Count + 1, connection.Number("PRAGMA user_version"));
        Assert.Equal(2, connection.Number("SELECT x FROM next"));
        Assert.Equal(["a", "b"], connection.Texts("SELECT id FROM events ORDER BY sequence"));
    }

    [Fact]
    public void A_step_that_fails_in_its_middle_leaves_the_version_before_it()
    {
        Open(Schema.Steps, append: "a");

        var failure = Assert.Throws<EventLogException>(() => Open([.. Schema.Steps, Next, FailsInTheMiddle]));

        Assert.Contains("nowhere", failure.Message, StringComparison.Ordinal);
        using (var connection = OpenFile.Connect(_folder.File()))
        {
            Assert.Equal(Schema.Steps.Count + 1, connection.Number("PRAGMA user_version"));
            Assert.Equal(0, connection.Number("SELECT count(*) FROM sqlite_schema WHERE name = 'other'"));
            Assert.Equal(1, connection.Number("SELECT count(*) FROM sqlite_schema WHERE name = 'claims'"));
        }

        Open([.. Schema.Steps, Next], append: "b");
    }

    [Fact]
    public void A_new_file_whose_first_step_fails_is_empty_and_can_be_opened_later()
    {
        Assert.Throws<EventLogException>(() => Open(["CREATE TABLE log (x); INSERT INTO nowhere VALUES (1)"]));

        Open(Schema.Steps, append: "a");
    }

    [Fact]
    public void A_newer_file_is_refused_and_left_as_it_is()
    {
        Open([.. Schema.Steps, Next], append: "a");
        var content = File.ReadAllBytes(_folder.File());

        var refusal = Assert.Throws<EventLogException>(() => Open(Schema.Steps));

        Assert.Equal(
            $"The event log '{_folder.File()}' has the schema version {Schema.Steps.Count + 1}, and this version of EventBus.Sqlite knows up to {Schema.Steps.Count}. The file was left as it is. Use the version of EventBus.Sqlite that wrote it, or a newer one.",
            refusal.Message);
        Assert.Equal(content, File.ReadAllBytes(_folder.File()));
    }

    [Fact]
    public void Of_steps_that_were_taken_none_is_taken_again()
    {
        IReadOnlyList<string> steps = [.. Schema.Steps, Next];
        Open(steps);
        Open(steps);

        using var connection = OpenFile.Connect(_folder.File());
        Assert.Equal(1, connection.Number("SELECT count(*) FROM next"));
    }

    private void Open(IReadOnlyList<string> steps, string? append = null)
    {
        using var log = new SqliteEventLog($"Data Source={_folder.File()}", null, steps);
        log.Open();
        if (append is not null)
        {
            using var transaction = log.Begin();
            transaction.Append(Facts.Event(append), null);
            transaction.Commit();
        }

        log.Close(clean: true);
    }
}
