using EventBus.Sqlite.Tests.Support;
using EventBus.Storage;

namespace EventBus.Sqlite.Tests;

/// <summary>Readings that go through all rows for one that is not there.</summary>
public sealed class EndlessScanTests : IDisposable
{
    private static readonly CancellationToken s_cancelled = new(canceled: true);

    private readonly OpenFile _file = new();

    public static TheoryData<string> Scans() => [.. s_scans.Keys];

    private static readonly Dictionary<string, Action<IEventLog, CancellationToken>> s_scans = new()
    {
        ["Read"] = static (log, token) => log.Read(0, 10, new LogFilter { Key = "rare" }, token),
        ["ReadSequenceAt"] = static (log, token) => log.ReadSequenceAt(Facts.Time.AddDays(1), token),
        ["ReadDeadLetters"] = static (log, token) => log.ReadDeadLetters(new DeadLetterQuery { CorrelationId = "rare" }, 0, 10, token),
        ["ReadDeadLetterCount"] = static (log, token) => log.ReadDeadLetterCount(new DeadLetterQuery { CorrelationId = "rare" }, token),
    };

    public void Dispose() => _file.Dispose();

    [Theory]
    [MemberData(nameof(Scans))]
    public async Task A_token_ends_it_in_its_midst_and_the_log_is_read_and_written_as_before(string name)
    {
        Fill(20_000);
        var scan = s_scans[name];
        for (var asked = 0; asked < 3; asked++)
        {
            using var source = new CancellationTokenSource();
            // The statement asks after some of its steps: it is ended by a token that is cancelled when it has begun.
            var cancelling = Task.Run(async () =>
            {
                await Task.Yield();
                await source.CancelAsync();
            });
            while (!source.IsCancellationRequested)
                Record.Exception(() => scan(_file.Log, source.Token));
            Assert.Throws<OperationCanceledException>(() => scan(_file.Log, source.Token));
            await cancelling;
        }

        scan(_file.Log, CancellationToken.None);
        Assert.Equal(3, _file.Log.Read(0, 3).Count);
        _file.Append(Facts.Event("after"));
        Assert.Equal(20_001, _file.Log.ReadStatistics().Events);
        using var other = _file.Connect();
        // No reading transaction is left open: the journal can be emptied.
        Assert.Equal(0, other.Number("PRAGMA wal_checkpoint(TRUNCATE)"));
    }

    [Theory]
    [MemberData(nameof(Scans))]
    public void One_that_is_cancelled_before_reads_nothing(string name) => Assert.Throws<OperationCanceledException>(() => s_scans[name](_file.Log, s_cancelled));

    private void Fill(int count) => _file.Commit(transaction =>
    {
        for (var i = 0; i < count; i++)
        {
            transaction.Append(Facts.Event($"{i}"), null);
            transaction.AddDeadLetter(Facts.Letter($"{i}", "stock"));
        }

        return true;
    });
}
