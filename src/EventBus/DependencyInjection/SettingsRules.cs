using System.Text.RegularExpressions;

namespace EventBus.DependencyInjection;

/// <summary>The bounds of the settings, and which of them mean nothing together. Pure.</summary>
internal static partial class SettingsRules
{
    public static IEnumerable<string> Check(SubscriptionSettings settings)
    {
        var subject = $"Subscription '{settings.Name}'";
        if (settings.GivenName is { } name && !NamePattern().IsMatch(name))
            yield return $"Subscription name '{Observing.LogText.Safe(name)}' is not allowed: names consist of 1 to 100 letters A-Z and a-z, digits, '.', '_' and '-', so that they fit configuration keys. Give another in Named(...).";
        foreach (var error in settings.Mode == SubscriptionMode.Inline ? CheckInline(settings, subject) : CheckQueued(settings, subject))
            yield return error;
        if (settings.Timeout is { } timeout && timeout <= TimeSpan.Zero && timeout != System.Threading.Timeout.InfiniteTimeSpan)
            yield return $"{subject}: Timeout is {timeout}, and must be positive. Use Timeout.InfiniteTimeSpan for none.";
    }

    private static IEnumerable<string> CheckInline(SubscriptionSettings settings, string subject)
    {
        (bool Given, string What)[] meaningless =
        [
            (settings.Concurrency is not null, "Concurrency"),
            (settings.IsOrdered, "OrderedBy"),
            (settings.IsStrictlyOrdered, "StrictlyOrdered"),
            (settings.WhenFull is not null, "WhenFull"),
            (settings.Capacity is not null, "Capacity"),
            (settings.Reserve is not null, "Reserve"),
            (settings.MaxPerKey is not null, "MaxPerKey"),
            (settings.IsIdempotent, "Idempotent"),
            (settings.RetriesPerSecond is not null, "RetryBudget"),
            (settings.StuckAfter is not null, "ReportStuckAfter"),
            (settings.WhenStuck is not null, "WhenStuck"),
            (settings.StartsPaused, "StartPaused"),
        ];
        foreach (var (_, what) in meaningless.Where(static setting => setting.Given))
            yield return $"{subject} is inline, and {what} means nothing there: the handler runs within the publish, without a queue. Drop .Inline(), or drop {what}.";
    }

    private static IEnumerable<string> CheckQueued(SubscriptionSettings settings, string subject)
    {
        var capacity = settings.Capacity ?? SubscriptionSettings.DefaultCapacity;
        if (capacity is < 1 or > SubscriptionSettings.MaxCapacity)
            yield return $"{subject}: Capacity is {capacity}, and must be from 1 to {SubscriptionSettings.MaxCapacity}.";
        if (settings.Reserve is < 1 or > SubscriptionSettings.MaxCapacity)
            yield return $"{subject}: Reserve is {settings.Reserve}, and must be from 1 to {SubscriptionSettings.MaxCapacity}, or handlers that publish could block each other.";
        if (settings.MaxPerKey is { } perKey && (perKey < 1 || perKey > capacity))
            yield return $"{subject}: MaxPerKey is {perKey}, and must be from 1 to its capacity, {capacity}.";
        if (settings.Concurrency is < 1 or > SubscriptionSettings.MaxConcurrency)
            yield return $"{subject}: Concurrency is {settings.Concurrency}, and must be from 1 to {SubscriptionSettings.MaxConcurrency}.";
        if (settings.IsStrictlyOrdered && settings.Concurrency > 1)
            yield return $"{subject} is strictly ordered, and Concurrency({settings.Concurrency}) would break the order. Drop one of the two, or order by a key with OrderedBy(...).";
        if (settings.IsStrictlyOrdered && settings.IsOrdered)
            yield return $"{subject} has both OrderedBy and StrictlyOrdered. Keep the one you mean: order within each key, or one order for all.";
        if (settings.RetriesPerSecond is <= 0 or double.NaN)
            yield return $"{subject}: the retry budget is {settings.RetriesPerSecond} per second, and must be positive.";
        if (settings.RetryBurst is < 1)
            yield return $"{subject}: the retry budget's burst is {settings.RetryBurst}, and must be at least 1.";
        if (settings.StuckAfter is { } stuckAfter && stuckAfter <= TimeSpan.Zero && stuckAfter != System.Threading.Timeout.InfiniteTimeSpan)
            yield return $"{subject}: ReportStuckAfter is {stuckAfter}, and must be positive. Use Timeout.InfiniteTimeSpan for never.";
        if (settings.WhenStuck == StuckHandling.Abandon && settings.StuckAfter == System.Threading.Timeout.InfiniteTimeSpan)
            yield return $"{subject} abandons stuck handlers but never reports any as stuck. Give ReportStuckAfter a time.";
        if (settings.MaxAbandoned is < 1)
            yield return $"{subject}: WhenStuck allows {settings.MaxAbandoned} abandoned handlers, and must allow at least 1.";
        if (settings.IdempotencyWindow is { } window && window <= TimeSpan.Zero)
            yield return $"{subject}: the idempotency window is {window}, and must be positive.";
    }

    [GeneratedRegex("^[A-Za-z0-9._-]{1,100}\\z")]
    private static partial Regex NamePattern();
}
