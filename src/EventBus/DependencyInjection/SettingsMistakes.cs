namespace EventBus.DependencyInjection;

/// <summary>What is said about mistakes in the settings: the setting, its rule, and what to do.</summary>
/// <remarks>Apart from the rules, so that a process without mistakes does not compile their texts.</remarks>
internal static class SettingsMistakes
{
    public static string Name(string name) =>
        $"Subscription name '{Observing.LogText.Safe(name)}' is not allowed: names consist of 1 to 100 letters A-Z and a-z, digits, '.', '_' and '-', so that they fit configuration keys. Give another in Named(...).";

    public static string Timeout(SubscriptionSettings settings) =>
        $"{Subject(settings)}: Timeout is {settings.Timeout}, and must be positive. Use Timeout.InfiniteTimeSpan for none.";

    public static string MeaninglessInline(SubscriptionSettings settings, string what) =>
        $"{Subject(settings)} is inline, and {what} means nothing there: the handler runs within the publish, without a queue. Drop .Inline(), or drop {what}.";

    public static string Capacity(SubscriptionSettings settings) =>
        $"{Subject(settings)}: Capacity is {settings.Capacity ?? SubscriptionSettings.DefaultCapacity}, and must be from 1 to {SubscriptionSettings.MaxCapacity}.";

    public static string Reserve(SubscriptionSettings settings) =>
        $"{Subject(settings)}: Reserve is {settings.Reserve}, and must be from 1 to {SubscriptionSettings.MaxCapacity}, or handlers that publish could block each other.";

    public static string MaxPerKey(SubscriptionSettings settings) =>
        $"{Subject(settings)}: MaxPerKey is {settings.MaxPerKey}, and must be from 1 to its capacity, {settings.Capacity ?? SubscriptionSettings.DefaultCapacity}.";

    public static string Concurrency(SubscriptionSettings settings) =>
        $"{Subject(settings)}: Concurrency is {settings.Concurrency}, and must be from 1 to {SubscriptionSettings.MaxConcurrency}.";

    public static string StrictlyOrderedAtOnce(SubscriptionSettings settings) =>
        $"{Subject(settings)} is strictly ordered, and Concurrency({settings.Concurrency}) would break the order. Drop one of the two, or order by a key with OrderedBy(...).";

    public static string OrderedTwice(SubscriptionSettings settings) =>
        $"{Subject(settings)} has both OrderedBy and StrictlyOrdered. Keep the one you mean: order within each key, or one order for all.";

    public static string RetriesPerSecond(SubscriptionSettings settings) =>
        $"{Subject(settings)}: the retry budget is {settings.RetriesPerSecond} per second, and must be positive.";

    public static string RetryBurst(SubscriptionSettings settings) =>
        $"{Subject(settings)}: the retry budget's burst is {settings.RetryBurst}, and must be at least 1.";

    public static string StuckAfter(SubscriptionSettings settings) =>
        $"{Subject(settings)}: ReportStuckAfter is {settings.StuckAfter}, and must be positive. Use Timeout.InfiniteTimeSpan for never.";

    public static string NeverStuck(SubscriptionSettings settings) =>
        $"{Subject(settings)} abandons stuck handlers but never reports any as stuck. Give ReportStuckAfter a time.";

    public static string MaxAbandoned(SubscriptionSettings settings) =>
        $"{Subject(settings)}: WhenStuck allows {settings.MaxAbandoned} abandoned handlers, and must allow from 1 to {SubscriptionSettings.MaxConcurrency}.";

    public static string IdempotencyWindow(SubscriptionSettings settings) =>
        $"{Subject(settings)}: the idempotency window is {settings.IdempotencyWindow}, and must be positive.";

    public static string WindowWithoutIdempotency(SubscriptionSettings settings) =>
        $"{Subject(settings)} has an idempotency window and is not idempotent, so the window means nothing. Add .Idempotent(), or drop IdempotencyWindow.";

    public static string BurstWithoutRate(SubscriptionSettings settings) =>
        $"{Subject(settings)} has a RetryBurst and no rate that it belongs to. Set RetriesPerSecond too, or drop RetryBurst.";

    public static string MaxAbandonedWithoutWhenStuck(SubscriptionSettings settings) =>
        $"{Subject(settings)} has MaxAbandoned and abandons nothing. Set WhenStuck to Abandon, or drop MaxAbandoned.";

    public static string MeaninglessDurable(SubscriptionSettings settings, string what) =>
        $"{Subject(settings)} is durable, and {what} means nothing there: the log keeps what its queue has no room for. Drop {what}, or drop .Durable().";

    public static string MeaninglessOutsideDurable(SubscriptionSettings settings, string what) =>
        $"{Subject(settings)} is not durable, and {what} means nothing there: only durable subscriptions have a stored state. Add .Durable(), or drop {what}.";

    public static string DurableWithoutName(SubscriptionSettings settings) =>
        $"{Subject(settings)} is durable and has no name of its own: its state would be lost with the next renaming of a class. Give it one with Named(...).";

    public static string DurableWithoutLog(SubscriptionSettings settings) =>
        $"{Subject(settings)} is durable, but the bus has no event log. Add bus.UseSqlite(...) of the package EmbeddedEventBus.Sqlite or bus.UseEventLog(...), or drop .Durable().";

    public static string UnstorableKey(SubscriptionSettings settings, Type keyType) =>
        $"{Subject(settings)} is durable, and its key of type '{keyType.FullName}' cannot be stored. Order it by a string, an integer, a Guid, an enum, a date, or a tuple of them.";

    public static string DurableWithOtherDeadLetters(SubscriptionSettings settings) =>
        $"{Subject(settings)} is durable, and its dead letters belong into the event log, in the transaction that settles the delivery; but the bus was given another dead-letter store. Drop UseDeadLetterStore(...), or drop .Durable().";

    public static string MaxParked(SubscriptionSettings settings) =>
        $"{Subject(settings)}: MaxParked is {settings.MaxParked}, and must be at least 1.";

    public static string FormerName(SubscriptionSettings settings, string name) =>
        $"{Subject(settings)}: FormerlyNamed(\"{Observing.LogText.Safe(name)}\") is no name that a durable subscription can have had: names consist of 1 to 100 letters A-Z and a-z, digits, '.', '_' and '-'.";

    public static string UnserializableEvent(SubscriptionSettings settings, Type eventType, string reason) =>
        $"{Subject(settings)} is durable, and its event '{eventType.FullName}' cannot be stored: {reason}.";

    public static string LossyEvent(SubscriptionSettings settings, Type eventType, string reason) =>
        $"{Subject(settings)} is durable, and its event '{eventType.FullName}' would not come back from the log as it was published: {reason}. Where that is meant, say so with AddEvent<{eventType.Name}>(e => e.StoresPart()).";

    public static string NoObservers(SubscriptionSettings settings, string what) =>
        $"{Subject(settings)} is {what}, and an observer is told of one event at a time, from the moment on at which it subscribes. Leave it queued, with one worker that waits for its handler, or use Subscribe.";

    private static string Subject(SubscriptionSettings settings) => $"Subscription '{settings.Name}'";
}
