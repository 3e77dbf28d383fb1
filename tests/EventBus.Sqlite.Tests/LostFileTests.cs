using EventBus.Sqlite.Tests.Support;
using EventBus.Storage;

namespace EventBus.Sqlite.Tests;

/// <summary>A system that lets open files be deleted, and somebody who does.</summary>
public sealed class LostFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public static TheoryData<string, string> Losses() => new()
    {
        { "deleted", "" },
        { "moved", "" },
        { "replaced by a copy", "" },
        { "replaced by another log", "" },
        { "cut", "" },
        { "emptied", "" },
        { "folder moved", "" },
        { "deleted", "-wal" },
        { "moved", "-wal" },
        { "deleted", "-shm" },
    };

    public void Dispose()
    {
        _folder.Dispose();
        if (Directory.Exists(_folder.Path + ".old"))
            Directory.Delete(_folder.Path + ".old", recursive: true);
    }

    [Theory]
    [MemberData(nameof(Losses))]
    public async Task No_publish_is_acknowledged_that_begins_after_the_file_is_lost_and_a_start_goes_on_with_what_is_there(string loss, string file)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows lets nobody delete or replace a file that SQLite has open.");
        await using var bus = Bus();
        for (var number = 0; number < 50; number++)
            await bus.PublishAsync(new string('x', 10_000));
        using (var other = OpenFile.Connect(_folder.File()))
            other.Run("PRAGMA wal_checkpoint(FULL)");
        await bus.PublishAsync("before");

        Lose(loss, _folder.File() + file);
        var error = await Record.ExceptionAsync(() => bus.PublishAsync("after").AsTask().Soon());

        var failure = Assert.IsType<EventLogException>(error);
        Assert.False(failure.IsTransient);
        Assert.Contains(_folder.File(), failure.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<EventLogException>(() => bus.PublishAsync("later").AsTask().Soon());
        Assert.NotNull(bus.EventLog.Failure);
        await bus.StopAsync().AsTask().Soon();
    }

    [Fact]
    public async Task A_file_that_another_program_makes_smaller_by_the_rules_is_not_lost()
    {
        await using var bus = Bus();
        for (var number = 0; number < 200; number++)
            await bus.PublishAsync(new string('x', 10_000));
        await bus.EventLog.RetainAsync(new LogRetention { MaxEvents = 1 });
        using (var other = OpenFile.Connect(_folder.File()))
            other.Run("PRAGMA wal_checkpoint(TRUNCATE); VACUUM; PRAGMA wal_checkpoint(TRUNCATE)");

        for (var number = 0; number < 20; number++)
            await bus.PublishAsync("after");

        Assert.Null(bus.EventLog.Failure);
        Assert.True(new FileInfo(_folder.File()).Length < 1_000_000);
    }

    private static void Lose(string loss, string path)
    {
        switch (loss)
        {
            case "deleted":
                File.Delete(path);
                break;
            case "moved":
                File.Move(path, path + ".old");
                break;
            case "replaced by a copy":
                File.Copy(path, path + ".new");
                File.Move(path + ".new", path, overwrite: true);
                break;
            case "replaced by another log":
                using (var other = new SqliteEventLog($"Data Source={path}.new"))
                    other.Open();
                File.Move(path + ".new", path, overwrite: true);
                break;
            case "cut":
                Cut(path, new FileInfo(path).Length / 2);
                break;
            case "emptied":
                Cut(path, 0);
                break;
            case "folder moved":
                Directory.Move(Path.GetDirectoryName(path)!, Path.GetDirectoryName(path) + ".old");
                Directory.CreateDirectory(Path.GetDirectoryName(path)!);
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(loss), loss, null);
        }
    }

    // As a shell does. A stream of this process would end SQLite's locks when it is closed.
    private static void Cut(string path, long length)
    {
        using var cut = System.Diagnostics.Process.Start("truncate", ["-s", $"{length}", path]);
        cut.WaitForExit();
        Assert.Equal(0, cut.ExitCode);
    }

    private IEventBus Bus() => new EventBusBuilder().UseSqlite($"Data Source={_folder.File()}").AddEvent<string>(static e => e.Logged()).Build();
}
