using EventBus.Sqlite.Tests.Support;
using EventBus.Storage;

namespace EventBus.Sqlite.Tests;

/// <summary>A crash of the machine may leave any part of the journal.</summary>
public sealed class CutJournalTests : IDisposable
{
    private const int Commits = 12;
    private const int Header = 32;
    private const int Frame = 24 + 4096;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Cut_at_any_byte_the_log_holds_a_prefix_of_the_commits()
    {
        var (database, journal) = Write();
        var previous = 0;

        foreach (var length in Lengths(journal.Length))
        {
            var commits = CommitsIn(database, journal[..length]);
            Assert.True(commits >= previous, $"Cut at {length} there are {commits} commits, and fewer bytes held {previous}.");
            previous = commits;
        }

        Assert.Equal(Commits, previous);
    }

    [Fact]
    public void A_journal_with_a_damaged_frame_holds_the_commits_before_it()
    {
        var (database, journal) = Write();
        var previous = 0;

        for (var place = Header + 100; place < journal.Length; place += Frame)
        {
            var damaged = journal.ToArray();
            damaged[place] ^= 1;
            var commits = CommitsIn(database, damaged);
            Assert.True(commits >= previous && commits < Commits);
            previous = commits;
        }
    }

    private static IEnumerable<int> Lengths(int full)
    {
        var edges = Enumerable.Range(0, (full - Header) / Frame).SelectMany(static frame => new[] { -1, 0, 1, 24 }.Select(more => Header + (frame * Frame) + more));
        var between = Enumerable.Range(0, full / 3001).Select(static i => i * 3001);
        return edges.Concat(between).Append(full).Where(length => length <= full).Distinct().Order();
    }

    // The files as they are while the log is open: nothing was moved from the journal to the database.
    private (byte[] Database, byte[] Journal) Write()
    {
        using var file = new OpenFile();
        file.Commit(static transaction =>
        {
            transaction.SaveSubscription(new() { Name = "stock", Position = 0 });
            return 0;
        });
        for (var i = 0; i < Commits; i++)
        {
            file.Commit(transaction =>
            {
                transaction.Append(Facts.Event($"{i}a", bytes: 3000), null);
                transaction.SavePosition("stock", transaction.Append(Facts.Event($"{i}b") with { IsIdGiven = true }, null).Sequence);
                return 0;
            });
        }

        return (Copy(file.Path), Copy(file.Path + "-wal"));
    }

    private static byte[] Copy(string path)
    {
        using var source = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        var bytes = new byte[source.Length];
        source.ReadExactly(bytes);
        return bytes;
    }

    private int CommitsIn(byte[] database, byte[] journal)
    {
        foreach (var left in Directory.GetFiles(_folder.Path))
            File.Delete(left);
        File.WriteAllBytes(_folder.File(), database);
        File.WriteAllBytes(_folder.File() + "-wal", journal);

        using var log = new SqliteEventLog($"Data Source={_folder.File()}", new() { Synchronous = SqliteSynchronous.Normal });
        var opening = log.Open();
        var ids = log.Ids().ToList();
        var commits = ids.Count / 2;

        Assert.Equal(Enumerable.Range(0, commits).SelectMany(static i => new[] { $"{i}a", $"{i}b" }), ids);
        Assert.Equal(ids.Count, opening.Head);
        Assert.All(log.ReadSubscriptions(), subscription => Assert.Equal(opening.Head, subscription.Position));
        Assert.Equal(ids.Count, log.ReadStatistics().Events);
        Assert.Empty(log.CheckIntegrity());
        using var transaction = log.Begin();
        Assert.True(transaction.Append(Facts.Event("next"), null).Sequence > opening.Head);
        return commits;
    }
}
