using EventBus.Storage;
using EventBus.StoreContract;

namespace EventBus.Sqlite.Tests.Support;

public sealed class SqliteLogHome : IEventLogHome
{
    private readonly TemporaryFolder _folder = new();
    private readonly List<IEventLog> _earlier = [];

    public IEventLog Create() => new SqliteEventLog($"Data Source={_folder.File()}");

    public IEventLog AfterCrash(IEventLog log)
    {
        // The system frees the lock of a process that has died. Its connections stay open here: it may come back.
        ((SqliteEventLog)log).AbandonLock();
        _earlier.Add(log);
        return Create();
    }

    public void Dispose()
    {
        foreach (var log in _earlier)
            log.Dispose();
        _folder.Dispose();
    }
}
