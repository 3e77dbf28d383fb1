using System.Text.RegularExpressions;

namespace EventBus.DependencyInjection;

/// <summary>The bounds of the settings, and which of them mean nothing together. Pure; what is said about a mistake stands in <see cref="SettingsMistakes"/>.</summary>
internal static partial class SettingsRules
{
    public static void Check(SubscriptionSettings settings, List<string> errors)
    {
        if (settings.GivenName is { } name && !HasNamePattern(name))
            errors.Add(SettingsMistakes.Name(name));
        if (settings.Mode == SubscriptionMode.Inline)
            CheckInline(settings, errors);
        else
            CheckQueued(settings, errors);
        if (settings.Mode == SubscriptionMode.Durable)
            CheckDurable(settings, errors);
        else
            CheckNotDurable(settings, errors);
        if (IsNoTime(settings.Timeout))
            errors.Add(SettingsMistakes.Timeout(settings));
    }

    private static void CheckInline(SubscriptionSettings settings, List<string> errors)
    {
        Forbid(settings.Concurrency is not null, "Concurrency");
        Forbid(settings.IsOrdered, "OrderedBy");
        Forbid(settings.IsStrictlyOrdered, "StrictlyOrdered");
        Forbid(settings.WhenFull is not null, "WhenFull");
        Forbid(settings.Capacity is not null, "Capacity");
        Forbid(settings.Reserve is not null, "Reserve");
        Forbid(settings.MaxPerKey is not null, "MaxPerKey");
        Forbid(settings.IsIdempotent, "Idempotent");
        Forbid(settings.RetriesPerSecond is not null, "RetryBudget");
        Forbid(settings.StuckAfter is not null, "ReportStuckAfter");
        Forbid(settings.WhenStuck is not null, "WhenStuck");
        Forbid(settings.StartsPaused, "StartPaused");

        void Forbid(bool given, string what)
        {
            if (given)
                errors.Add(SettingsMistakes.MeaninglessInline(settings, what));
        }
    }

    private static void CheckQueued(SubscriptionSettings settings, List<string> errors)
    {
        if (settings.Capacity is < 1 or > SubscriptionSettings.MaxCapacity)
            errors.Add(SettingsMistakes.Capacity(settings));
        if (settings.Reserve is < 1 or > SubscriptionSettings.MaxCapacity)
            errors.Add(SettingsMistakes.Reserve(settings));
        if (settings.MaxPerKey is { } perKey && (perKey < 1 || perKey > (settings.Capacity ?? SubscriptionSettings.DefaultCapacity)))
            errors.Add(SettingsMistakes.MaxPerKey(settings));
        if (settings.Concurrency is < 1 or > SubscriptionSettings.MaxConcurrency)
            errors.Add(SettingsMistakes.Concurrency(settings));
        if (settings.IsStrictlyOrdered && settings.Concurrency > 1)
            errors.Add(SettingsMistakes.StrictlyOrderedAtOnce(settings));
        if (settings.IsStrictlyOrdered && settings.IsOrdered)
            errors.Add(SettingsMistakes.OrderedTwice(settings));
        if (settings.RetriesPerSecond is <= 0 or double.NaN)
            errors.Add(SettingsMistakes.RetriesPerSecond(settings));
        if (settings.RetryBurst is < 1)
            errors.Add(SettingsMistakes.RetryBurst(settings));
        if (IsNoTime(settings.StuckAfter))
            errors.Add(SettingsMistakes.StuckAfter(settings));
        if (settings.WhenStuck == StuckHandling.Abandon && settings.StuckAfter == Timeout.InfiniteTimeSpan)
            errors.Add(SettingsMistakes.NeverStuck(settings));
        if (settings.MaxAbandoned is < 1)
            errors.Add(SettingsMistakes.MaxAbandoned(settings));
        if (settings.IdempotencyWindow <= TimeSpan.Zero)
            errors.Add(SettingsMistakes.IdempotencyWindow(settings));
    }

    private static void CheckDurable(SubscriptionSettings settings, List<string> errors)
    {
        Forbid(settings.WhenFull is not null, "WhenFull");
        Forbid(settings.Reserve is not null, "Reserve");
        Forbid(settings.MaxPerKey is not null, "MaxPerKey");
        if (settings.GivenName is null)
            errors.Add(SettingsMistakes.DurableWithoutName(settings));
        if (settings.MaxParked is < 1)
            errors.Add(SettingsMistakes.MaxParked(settings));
        foreach (var former in settings.FormerNames)
        {
            if (!HasNamePattern(former))
                errors.Add(SettingsMistakes.FormerName(settings, former));
        }

        void Forbid(bool given, string what)
        {
            if (given)
                errors.Add(SettingsMistakes.MeaninglessDurable(settings, what));
        }
    }

    private static void CheckNotDurable(SubscriptionSettings settings, List<string> errors)
    {
        if (settings.MaxParked is not null)
            errors.Add(SettingsMistakes.MeaninglessOutsideDurable(settings, "MaxParked"));
        if (settings.FormerNames.Count > 0)
            errors.Add(SettingsMistakes.MeaninglessOutsideDurable(settings, "FormerlyNamed"));
    }

    private static bool IsNoTime(TimeSpan? time) => time <= TimeSpan.Zero && time != Timeout.InfiniteTimeSpan;

    // Apart, because the pattern is only needed where somebody gave a name.
    private static bool HasNamePattern(string name) => NamePattern().IsMatch(name);

    [GeneratedRegex("^[A-Za-z0-9._-]{1,100}\\z")]
    private static partial Regex NamePattern();
}
