using EventBus.CrashChild;
using EventBus.CrashTests.History;
using EventBus.CrashTests.Support;
using Microsoft.Data.Sqlite;

namespace EventBus.CrashTests;

/// <summary>Another process, which is this one, keeps the file locked.</summary>
public sealed class LockedFileTests : IDisposable
{
    private const int Publishers = 50;

    private readonly TemporaryFolder _folder = new();

    [Fact]
    public async Task While_another_process_holds_the_lock_publishers_are_told_and_the_thread_pool_stays_free_and_nothing_is_lost()
    {
        using var child = Child.Start(new Life { File = _folder.File(), Does = Deed.Publish, BusyMilliseconds = 100 });
        await child.ReadToAsync("started");
        List<string> told;
        using (var other = Lock())
        {
            child.Say($"begin 0 {Publishers}");
            child.Say("beat 1");
            told = await child.ReadToAsync("beat 1");
            while (told.Count(static line => line.StartsWith("fail", StringComparison.Ordinal)) < Publishers)
                told.Add(await child.ReadLineAsync() ?? throw new InvalidOperationException(child.Error));
        }

        child.Say($"together 0 {Publishers}");
        var accepted = await child.ReadToAsync("did");
        child.Say("settle");
        accepted.AddRange(await child.ReadToAsync("did"));
        child.Finish();

        Assert.Equal(0, await child.ExitAsync());
        Assert.All(told.Where(static line => line.StartsWith("fail", StringComparison.Ordinal)), static line => Assert.Contains("EventLogBusyException transient", line));
        Assert.DoesNotContain(told, static line => line.StartsWith("ack", StringComparison.Ordinal));
        Assert.Equal(Publishers, accepted.Count(static line => line.StartsWith("ack", StringComparison.Ordinal)));
        Assert.Equal(Publishers, accepted.Count(static line => line.StartsWith("handled", StringComparison.Ordinal)));
        Check();
    }

    [Fact]
    public async Task A_lock_that_ends_within_the_wait_is_waited_for()
    {
        using var child = Child.Start(new Life { File = _folder.File(), Does = Deed.Publish, BusyMilliseconds = 120_000 });
        await child.ReadToAsync("started");
        using (var other = Lock())
        {
            child.Say($"begin 0 {Publishers}");
            for (var tries = 0; tries < Publishers;)
                tries += await child.ReadLineAsync() is { } line && line.StartsWith("try", StringComparison.Ordinal) ? 1 : throw new InvalidOperationException(child.Error);
            // A handler of an event that is not logged does not wait for the log.
            child.Say("beat 1");
            Assert.Equal(["beat 1"], await child.ReadToAsync("beat 1"));
        }

        child.Say($"publish {Publishers} {Publishers + 1}");
        var accepted = await child.ReadToAsync("did");
        while (accepted.Count(static line => line.StartsWith("ack", StringComparison.Ordinal)) <= Publishers)
            accepted.Add(await child.ReadLineAsync() ?? throw new InvalidOperationException(child.Error));
        child.Finish();

        Assert.Equal(0, await child.ExitAsync());
        Assert.DoesNotContain(accepted, static line => line.StartsWith("fail", StringComparison.Ordinal));
        Check();
    }

    public void Dispose() => _folder.Dispose();

    // Disposed, it rolls its transaction back.
    private SqliteConnection Lock()
    {
        var connection = new SqliteConnection($"Data Source={_folder.File()};Pooling=false");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = "BEGIN IMMEDIATE";
        command.ExecuteNonQuery();
        return connection;
    }

    private void Check()
    {
        var stored = StoredFile.Read(_folder.File());
        Assert.Empty(stored.Leftovers);
        Assert.Empty(stored.Damage);
        Assert.Equal(stored.Events.Count, stored.Events.DistinctBy(static stored => stored.Id).Count());
    }
}
