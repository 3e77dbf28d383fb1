using EventBus.Sqlite.Tests.Support;
using Microsoft.Extensions.Time.Testing;
using SQLitePCL;

namespace EventBus.Sqlite.Tests;

/// <summary>A check that would never end: one of the tables that it reads is a view without an end.</summary>
public sealed class EndlessCheckTests : IDisposable
{
    private const string Endless = """
        DROP TABLE scheduled;
        INSERT INTO types (type, name, version) VALUES (1, 'known', 1);
        CREATE VIEW scheduled AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i AS id, i AS entry, 1 AS type, 0 AS due, 1 AS time_to_live FROM n
        """;

    private readonly OpenFile _file = new();

    public void Dispose() => _file.Dispose();

    [Fact]
    public void A_check_that_is_cancelled_while_it_reads_ends_and_the_log_goes_on()
    {
        using var source = new CancellationTokenSource();
        using (var other = _file.Connect())
            other.Run(Endless.Replace("SELECT i AS id", "SELECT begun(i) AS id", StringComparison.Ordinal).Replace("FROM n", "FROM n WHERE begun(i) > 0", StringComparison.Ordinal));
        raw.sqlite3_create_function(_file.Log.Opened.Reader.Session.Handle, "begun", 1, null, (context, _, _) =>
        {
            source.Cancel();
            raw.sqlite3_result_int(context, 1);
        });

        Assert.Throws<OperationCanceledException>(() => _file.Log.CheckIntegrity(source.Token));

        Assert.Empty(_file.Log.Ids());
        Assert.Throws<OperationCanceledException>(() => _file.Log.CheckIntegrity(source.Token));
    }

    [Fact]
    public async Task A_stop_ends_a_check_that_takes_long()
    {
        _file.Log.Close(clean: true);
        await using var bus = new EventBusBuilder().UseSqlite($"Data Source={_file.Path}").UseTimeProvider(new FakeTimeProvider()).Build();
        await bus.StartAsync();
        using (var other = _file.Connect())
            other.Run(Endless);

        var check = bus.EventLog.CheckIntegrityAsync().AsTask();
        await bus.StopAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(60));

        await Assert.ThrowsAsync<EventBusStoppedException>(() => check);
    }
}
