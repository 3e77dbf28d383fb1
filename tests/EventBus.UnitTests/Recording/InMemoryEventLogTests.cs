using EventBus.Storage;
using EventBus.StoreContract;

namespace EventBus.UnitTests.Recording;

public sealed class InMemoryLogKeepsAppends : EventLogAppendContract<InMemoryLogHome>;

public sealed class InMemoryLogKeepsIdsApart : EventLogDeduplicationContract<InMemoryLogHome>;

public sealed class InMemoryLogIsRead : EventLogReadContract<InMemoryLogHome>;

public sealed class InMemoryLogKeepsSubscriptions : EventLogSubscriptionContract<InMemoryLogHome>;

public sealed class InMemoryLogKeepsDeadLetters : EventLogDeadLetterContract<InMemoryLogHome>;

public sealed class InMemoryLogKeepsTheSchedule : EventLogScheduleContract<InMemoryLogHome>;

public sealed class InMemoryLogKeepsClaims : EventLogClaimContract<InMemoryLogHome>;

public sealed class InMemoryLogHasOneOwner : EventLogOwnerContract<InMemoryLogHome>;

public sealed class InMemoryLogIsStreamed : EventLogStreamContract<InMemoryLogHome>;

public sealed class InMemoryLogHome : IEventLogHome
{
    public IEventLog Create() => new InMemoryEventLog();

    public IEventLog AfterCrash(IEventLog log) => ((InMemoryEventLog)log).Share();

    public void Dispose()
    {
    }
}

public sealed class InMemoryEventLogTests : IDisposable
{
    private readonly InMemoryEventLog _log = new();

    public void Dispose() => _log.Dispose();

    [Fact]
    public void A_transaction_that_was_under_way_when_the_log_was_opened_again_cannot_be_committed()
    {
        _log.Open();
        using var earlier = _log.Begin();

        var opening = _log.Open();

        Assert.False(opening.WasClosed);
        Assert.False(Assert.Throws<EventLogException>(earlier.Commit).IsTransient);
        using var next = _log.Begin();
        next.Commit();
    }

    [Fact]
    public void A_second_transaction_is_refused_while_one_is_under_way()
    {
        _log.Open();
        using var first = _log.Begin();

        Assert.Throws<EventLogException>(() => _log.Begin());
    }

    [Fact]
    public void A_transaction_commits_once()
    {
        _log.Open();
        using var transaction = _log.Begin();
        transaction.Commit();

        Assert.Throws<EventLogException>(transaction.Commit);
    }

    [Fact]
    public void A_backup_is_refused() => Assert.Throws<NotSupportedException>(() => _log.Backup("anywhere"));
}
