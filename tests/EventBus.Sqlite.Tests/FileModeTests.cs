using System.Runtime.Versioning;
using EventBus.Sqlite.Tests.Support;
using EventBus.Storage;

namespace EventBus.Sqlite.Tests;

/// <summary>Who may read the files that a log makes.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class FileModeTests : IDisposable
{
    private const UnixFileMode OwnersOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Files_that_a_log_makes_are_their_owners_alone()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has other rights.");
        using var log = new SqliteEventLog($"Data Source={_folder.File()}");
        log.Open();
        Append(log);
        log.Backup(_folder.File("copy.db"));

        var files = Directory.GetFiles(_folder.Path).Order().ToList();

        Assert.Equal(["copy.db", "events.db", "events.db-shm", "events.db-wal", "events.db.lock"], files.Select(Path.GetFileName));
        Assert.All(files, static file => Assert.Equal(OwnersOnly, File.GetUnixFileMode(file)));
    }

    [Fact]
    public void A_file_that_was_there_keeps_its_mode_and_gives_it_to_its_journal()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has other rights.");
        const UnixFileMode group = OwnersOnly | UnixFileMode.GroupRead;
        File.WriteAllBytes(_folder.File(), []);
        File.SetUnixFileMode(_folder.File(), group);
        using var log = new SqliteEventLog($"Data Source={_folder.File()}");

        log.Open();
        Append(log);

        Assert.Equal(group, File.GetUnixFileMode(_folder.File()));
        Assert.Equal(group, File.GetUnixFileMode(_folder.File() + "-wal"));
    }

    [Fact]
    public void A_connection_string_that_wants_the_file_to_be_there_makes_none()
    {
        using var log = new SqliteEventLog($"Data Source={_folder.File()};Mode=ReadWrite");

        Assert.Throws<EventLogException>(() => log.Open());

        Assert.False(File.Exists(_folder.File()));
    }

    private static void Append(SqliteEventLog log)
    {
        using var transaction = log.Begin();
        transaction.Append(Facts.Event("a"), null);
        transaction.Commit();
    }
}
