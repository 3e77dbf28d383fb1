using EventBus.Sqlite.Tests.Support;
using EventBus.StoreContract;

namespace EventBus.Sqlite.Tests;

public sealed class SqliteLogKeepsAppends : EventLogAppendContract<SqliteLogHome>;

public sealed class SqliteLogKeepsIdsApart : EventLogDeduplicationContract<SqliteLogHome>;

public sealed class SqliteLogIsRead : EventLogReadContract<SqliteLogHome>;

public sealed class SqliteLogKeepsSubscriptions : EventLogSubscriptionContract<SqliteLogHome>;

public sealed class SqliteLogKeepsDeadLetters : EventLogDeadLetterContract<SqliteLogHome>;

public sealed class SqliteLogKeepsTheSchedule : EventLogScheduleContract<SqliteLogHome>;

public sealed class SqliteLogKeepsClaims : EventLogClaimContract<SqliteLogHome>;

public sealed class SqliteLogHasOneOwner : EventLogOwnerContract<SqliteLogHome>;

public sealed class SqliteLogIsStreamed : EventLogStreamContract<SqliteLogHome>
{
    protected override int EventsOfEach => 240;
}
