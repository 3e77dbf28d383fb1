using EventBus.Storage;
using EventBus.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace EventBus.BehaviourTests.Settings;

/// <summary>What takes a value and is not tried, each with its reason.</summary>
internal static class Untried
{
    private const string GivenByTheBus = "the bus makes it and gives it out";
    private const string StoreContract = "a store's contract: the bus gives these values, and the suites of EventBus.StoreContract try the stores";

    private static readonly Dictionary<Type, string> s_types = new()
    {
        [typeof(DeadLetter)] = GivenByTheBus,
        [typeof(EventBusTopology)] = GivenByTheBus,
        [typeof(FlightEntry)] = GivenByTheBus,
        [typeof(LoggedEvent)] = GivenByTheBus,
        [typeof(RetryAttempt)] = GivenByTheBus,
        [typeof(StopReceipt)] = GivenByTheBus,
        [typeof(StreamedEvent<>)] = GivenByTheBus,
        [typeof(SubscriptionReceipt)] = GivenByTheBus,
        [typeof(SubscriptionStatistics)] = GivenByTheBus,
        [typeof(SubscriptionTopology)] = GivenByTheBus,
        [typeof(UnreadableEvent)] = GivenByTheBus,
        [typeof(RecordedPublish)] = GivenByTheBus,
        [typeof(EventTypeAttribute)] = "an attribute's values are constants of the source; EventTypeRegistryTests have the wrong ones",
        [typeof(EventHistory)] = "a question to what was recorded",
        [typeof(RecordedEvent)] = "a question to what was recorded",
        [typeof(TestBus)] = "the members of IEventBus, which is tried; what it waits for is tried by EventBus.Testing.Tests",
        [typeof(Interleavings)] = "seeds and repetitions of a test; tried by EventBus.Testing.Tests",
        [typeof(SeededRun)] = "within a seeded run; tried by EventBus.Testing.Tests",
        [typeof(SqliteEventBusBuilderExtensions)] = "a connection string; ConnectionStringTests of EventBus.Sqlite.Tests",
        [typeof(EventBusHostingServiceCollectionExtensions)] = "the key of a bus; tried by EventBus.Hosting.Tests",
        [typeof(EventBusHealthChecksBuilderExtensions)] = "the name of a health check and the key of a bus; tried by EventBus.Hosting.Tests",
        [typeof(EventBusTestingServiceCollectionExtensions)] = "the key of a bus; tried by EventBus.Testing.Tests",
    };

    private static readonly Type[] s_storesForUsers = [typeof(InMemoryDeadLetterStore), typeof(InMemoryIdempotencyStore)];

    private static readonly Type[] s_exceptionsForUsers = [typeof(RetryAfterException), typeof(DoNotRetryException)];

    /// <summary>Why it is not tried; nothing where it is.</summary>
    public static string? ReasonOf(PublicInput input) => input.Owner switch
    {
        var owner when s_types.TryGetValue(owner, out var reason) => reason,
        var owner when owner.IsSubclassOf(typeof(Exception)) && !s_exceptionsForUsers.Contains(owner) => "the bus throws it",
        var owner when owner.Namespace == typeof(IEventLog).Namespace && !(s_storesForUsers.Contains(owner) && input.Member.Name == ".ctor") => StoreContract,
        _ when input.Member.Name == nameof(TimeProvider.CreateTimer) => "a timer of .NET, with .NET's own bounds",
        _ when input.Member.Name == nameof(IEventLogOperations.BackupAsync) => "a path; BackupTests of EventBus.Sqlite.Tests",
        _ => null,
    };
}
