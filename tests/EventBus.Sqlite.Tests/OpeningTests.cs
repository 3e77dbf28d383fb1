using System.Text;
using EventBus.Sqlite.Tests.Support;
using EventBus.Storage;

namespace EventBus.Sqlite.Tests;

public sealed class OpeningTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_missing_folder_is_named_with_the_remedy()
    {
        var folder = Path.Combine(_folder.Path, "missing");

        var refusal = Refused(Path.Combine(folder, "events.db"));

        Assert.Equal($"The event log '{Path.Combine(folder, "events.db")}' cannot be opened: the folder '{folder}' does not exist. Create the folder, or correct the Data Source.", refusal.Message);
    }

    [Fact]
    public void A_folder_that_cannot_be_written_is_named_with_the_remedy()
    {
        var folder = FolderThatCannotBeWritten();

        var refusal = Refused(Path.Combine(folder, "events.db"));

        Assert.StartsWith($"The event log '{folder}/events.db' cannot be opened: '{folder}/events.db.lock' cannot be written (", refusal.Message, StringComparison.Ordinal);
        Assert.EndsWith($"Give the process the right to write to the folder '{folder}', or choose another one.", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_must_be_there_and_is_not_is_named_with_the_remedy()
    {
        using var log = new SqliteEventLog($"Data Source={_folder.File()};Mode=ReadWrite");

        var refusal = Assert.Throws<EventLogException>(() => log.Open());

        Assert.StartsWith($"The event log '{_folder.File()}' cannot be opened (SQLite error 14: ", refusal.Message, StringComparison.Ordinal);
        Assert.EndsWith("with Mode=ReadWrite the file must be there already.", refusal.Message, StringComparison.Ordinal);
        Assert.False(File.Exists(_folder.File()));
    }

    [Fact]
    public void A_file_that_is_no_database_is_refused_and_left_as_it_is()
    {
        var content = Encoding.UTF8.GetBytes(string.Join('\n', Enumerable.Repeat("somebody's letter", 500)));
        File.WriteAllBytes(_folder.File(), content);

        var refusal = Refused(_folder.File());

        Assert.StartsWith($"The file '{_folder.File()}' is not an SQLite database, or it is encrypted (SQLite error 26: ", refusal.Message, StringComparison.Ordinal);
        Assert.EndsWith("Correct the Data Source, or go back to a backup.", refusal.Message, StringComparison.Ordinal);
        Assert.Equal(content, File.ReadAllBytes(_folder.File()));
    }

    [Theory]
    [InlineData("CREATE TABLE customers (name TEXT)")]
    [InlineData("PRAGMA application_id = 42")]
    [InlineData("PRAGMA user_version = 1")]
    [InlineData("PRAGMA application_id = 42; PRAGMA user_version = 1; CREATE TABLE log (x)")]
    public void A_database_of_another_application_is_refused_and_left_as_it_is(string sql)
    {
        using (var connection = OpenFile.Connect(_folder.File()))
            connection.Run(sql);
        var content = File.ReadAllBytes(_folder.File());

        var refusal = Refused(_folder.File());

        Assert.Equal($"The file '{_folder.File()}' is an SQLite database of another application, and was left as it is. Name a file of the event log's own in the Data Source; the bus makes it.", refusal.Message);
        Assert.Equal(content, File.ReadAllBytes(_folder.File()));
    }

    [Fact]
    public void An_empty_file_becomes_a_log()
    {
        File.WriteAllBytes(_folder.File(), []);
        using var log = new SqliteEventLog($"Data Source={_folder.File()}");

        Assert.Equal(new LogOpening(0, WasClosed: true), log.Open());
    }

    [Fact]
    public void A_log_that_is_open_is_not_opened_twice()
    {
        using var log = new SqliteEventLog($"Data Source={_folder.File()}");
        log.Open();

        var refusal = Assert.Throws<EventLogException>(() => log.Open());

        Assert.Equal($"The event log '{_folder.File()}' is open already. Close it before you open it again.", refusal.Message);
    }

    [Fact]
    public void A_log_that_is_not_open_reads_nothing()
    {
        using var log = new SqliteEventLog($"Data Source={_folder.File()}");

        Assert.Equal($"The event log '{_folder.File()}' is not open. Call Open() first.", Assert.Throws<EventLogException>(() => log.Read(0, 1)).Message);
    }

    [Fact]
    public void What_was_refused_is_not_held()
    {
        File.WriteAllText(_folder.File(), new string('x', 5000));
        using var log = new SqliteEventLog($"Data Source={_folder.File()}");
        Assert.Throws<EventLogException>(() => log.Open());

        File.Delete(_folder.File());

        log.Open();
    }

    [Fact]
    public void A_second_owner_is_refused_while_the_first_is_there()
    {
        using var first = new SqliteEventLog($"Data Source={_folder.File()}");
        first.Open();

        var refusal = Refused(_folder.File());
        first.Close(clean: true);
        using var second = new SqliteEventLog($"Data Source={_folder.File()}");
        var opening = second.Open();

        Assert.Equal($"The event log '{_folder.File()}' is in use: another process, or another bus of this one, holds '{_folder.File()}.lock'. A file has one bus. Stop the other one, or give this one a file of its own.", refusal.Message);
        Assert.True(opening.WasClosed);
    }

    [Fact]
    public void A_second_owner_that_comes_by_a_link_is_refused()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Links need a right there that tests do not have.");
        using var first = new SqliteEventLog($"Data Source={_folder.File()}");
        first.Open();
        File.CreateSymbolicLink(_folder.File("link.db"), _folder.File());

        Assert.Contains("is in use", Refused(_folder.File("link.db")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Names_with_spaces_quotes_and_signs_of_connection_strings_are_plain_names()
    {
        var path = _folder.File("it's 100% \"mine\"; Mode=Memory, Käse.db");
        using var log = new SqliteEventLog(new Microsoft.Data.Sqlite.SqliteConnectionStringBuilder { DataSource = path }.ToString());

        log.Open();

        Assert.True(File.Exists(path));
        Assert.Equal(path, log.Name);
    }

    private static EventLogException Refused(string path)
    {
        using var log = new SqliteEventLog(new Microsoft.Data.Sqlite.SqliteConnectionStringBuilder { DataSource = path }.ToString());
        var refusal = Assert.Throws<EventLogException>(() => log.Open());
        Assert.False(refusal.IsTransient);
        return refusal;
    }

    private string FolderThatCannotBeWritten()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no folder that its owner cannot write to.");
        if (!OperatingSystem.IsWindows() && !Environment.IsPrivilegedProcess)
        {
            File.SetUnixFileMode(Directory.CreateDirectory(_folder.File("closed")).FullName, UnixFileMode.UserRead | UnixFileMode.UserExecute);
            return _folder.File("closed");
        }

        // Root may write everywhere, but not here.
        Assert.SkipUnless(Directory.Exists("/sys/kernel"), "As root, and without /sys, every folder can be written to.");
        return "/sys/kernel";
    }
}
