using System.Text.RegularExpressions;

namespace EventBus.DependencyInjection;

/// <summary>The bounds of the settings, and which of them mean nothing together. Pure; what is said about a mistake stands in <see cref="SettingsMistakes"/>.</summary>
internal static partial class SettingsRules
{
    public static void Check(SubscriptionSettings settings, List<string> errors)
    {
        var mistakes = new SettingsErrors(settings, errors);
        if (settings.GivenName is { } name && !HasNamePattern(name))
            mistakes.Add("Named", SettingsMistakes.Name(name));
        if (settings.Mode == DeliveryMode.Inline)
            CheckInline(settings, mistakes);
        else
            CheckQueued(settings, mistakes);
        if (settings.Mode == DeliveryMode.Durable)
            CheckDurable(settings, mistakes);
        else
            CheckNotDurable(settings, mistakes);
        if (settings.IsObservers)
            CheckObservers(settings, mistakes);
        if (settings.IdempotencyWindow is not null && !settings.IsIdempotent)
            mistakes.Add(nameof(settings.IdempotencyWindow), SettingsMistakes.WindowWithoutIdempotency(settings));
        if (settings.RetryBurst is not null && settings.RetriesPerSecond is null)
            mistakes.Add(nameof(settings.RetryBurst), SettingsMistakes.BurstWithoutRate(settings));
        if (settings.MaxAbandoned is not null && settings.WhenStuck is null)
            mistakes.Add(nameof(settings.MaxAbandoned), SettingsMistakes.MaxAbandonedWithoutWhenStuck(settings));
        if (IsNoTime(settings.Timeout))
            mistakes.Add(nameof(settings.Timeout), SettingsMistakes.Timeout(settings));
    }

    private static void CheckInline(SubscriptionSettings settings, SettingsErrors errors)
    {
        Forbid(settings.Concurrency is not null, nameof(settings.Concurrency));
        Forbid(settings.IsOrdered, "OrderedBy");
        Forbid(settings.IsStrictlyOrdered, "StrictlyOrdered");
        Forbid(settings.WhenFull is not null, nameof(settings.WhenFull));
        Forbid(settings.Capacity is not null, nameof(settings.Capacity));
        Forbid(settings.Reserve is not null, nameof(settings.Reserve));
        Forbid(settings.MaxPerKey is not null, nameof(settings.MaxPerKey));
        Forbid(settings.IsIdempotent, "Idempotent");
        Forbid(settings.RetriesPerSecond is not null, nameof(settings.RetriesPerSecond), "RetryBudget");
        Forbid(settings.StuckAfter is not null, nameof(settings.StuckAfter), "ReportStuckAfter");
        Forbid(settings.WhenStuck is not null, nameof(settings.WhenStuck));
        Forbid(settings.StartsPaused, nameof(settings.StartsPaused), "StartPaused");

        void Forbid(bool given, string setting, string? method = null)
        {
            if (given)
                errors.Add(setting, SettingsMistakes.MeaninglessInline(settings, method ?? setting));
        }
    }

    private static void CheckQueued(SubscriptionSettings settings, SettingsErrors errors)
    {
        if (settings.Capacity is < 1 or > SubscriptionSettings.MaxCapacity)
            errors.Add(nameof(settings.Capacity), SettingsMistakes.Capacity(settings));
        if (settings.Reserve is < 1 or > SubscriptionSettings.MaxCapacity)
            errors.Add(nameof(settings.Reserve), SettingsMistakes.Reserve(settings));
        if (settings.MaxPerKey is { } perKey && (perKey < 1 || perKey > (settings.Capacity ?? SubscriptionSettings.DefaultCapacity)))
            errors.Add(nameof(settings.MaxPerKey), SettingsMistakes.MaxPerKey(settings));
        if (settings.Concurrency is < 1 or > SubscriptionSettings.MaxConcurrency)
            errors.Add(nameof(settings.Concurrency), SettingsMistakes.Concurrency(settings));
        if (settings.IsStrictlyOrdered && settings.Concurrency > 1)
            errors.Add(nameof(settings.Concurrency), SettingsMistakes.StrictlyOrderedAtOnce(settings));
        if (settings.IsStrictlyOrdered && settings.IsOrdered)
            errors.Add("StrictlyOrdered", SettingsMistakes.OrderedTwice(settings));
        if (settings.RetriesPerSecond is <= 0 or double.NaN)
            errors.Add(nameof(settings.RetriesPerSecond), SettingsMistakes.RetriesPerSecond(settings));
        if (settings.RetryBurst is < 1)
            errors.Add(nameof(settings.RetryBurst), SettingsMistakes.RetryBurst(settings));
        if (IsNoTime(settings.StuckAfter))
            errors.Add(nameof(settings.StuckAfter), SettingsMistakes.StuckAfter(settings));
        if (settings.WhenStuck == StuckHandlerAction.Abandon && settings.StuckAfter == Timeout.InfiniteTimeSpan)
            errors.Add(nameof(settings.StuckAfter), SettingsMistakes.NeverStuck(settings));
        if (settings.MaxAbandoned is < 1 or > SubscriptionSettings.MaxConcurrency)
            errors.Add(nameof(settings.MaxAbandoned), SettingsMistakes.MaxAbandoned(settings));
        if (settings.IdempotencyWindow <= TimeSpan.Zero)
            errors.Add(nameof(settings.IdempotencyWindow), SettingsMistakes.IdempotencyWindow(settings));
    }

    private static void CheckDurable(SubscriptionSettings settings, SettingsErrors errors)
    {
        Forbid(settings.WhenFull is not null, nameof(settings.WhenFull));
        Forbid(settings.Reserve is not null, nameof(settings.Reserve));
        Forbid(settings.MaxPerKey is not null, nameof(settings.MaxPerKey));
        if (settings.GivenName is null)
            errors.Add("Named", SettingsMistakes.DurableWithoutName(settings));
        if (settings.MaxParked is < 1)
            errors.Add(nameof(settings.MaxParked), SettingsMistakes.MaxParked(settings));
        foreach (var former in settings.FormerNames)
        {
            if (!HasNamePattern(former))
                errors.Add("FormerlyNamed", SettingsMistakes.FormerName(settings, former));
        }

        void Forbid(bool given, string setting)
        {
            if (given)
                errors.Add(setting, SettingsMistakes.MeaninglessDurable(settings, setting));
        }
    }

    private static void CheckNotDurable(SubscriptionSettings settings, SettingsErrors errors)
    {
        if (settings.MaxParked is not null)
            errors.Add(nameof(settings.MaxParked), SettingsMistakes.MeaninglessOutsideDurable(settings, "MaxParked"));
        if (settings.FormerNames.Count > 0)
            errors.Add("FormerlyNamed", SettingsMistakes.MeaninglessOutsideDurable(settings, "FormerlyNamed"));
    }

    private static void CheckObservers(SubscriptionSettings settings, SettingsErrors errors)
    {
        if (settings.Mode != DeliveryMode.Queued)
            errors.Add(nameof(settings.Mode), SettingsMistakes.NoObservers(settings, $"to be {settings.Mode.ToString().ToLowerInvariant()}"));
        if (settings.Concurrency > 1)
            errors.Add(nameof(settings.Concurrency), SettingsMistakes.NoObservers(settings, "to be concurrent"));
        if (settings.WhenStuck == StuckHandlerAction.Abandon)
            errors.Add(nameof(settings.WhenStuck), SettingsMistakes.NoObservers(settings, "to abandon handlers that are stuck"));
    }

    private static bool IsNoTime(TimeSpan? time) => time <= TimeSpan.Zero && time != Timeout.InfiniteTimeSpan;

    // Apart, because the pattern is only needed where somebody gave a name.
    public static bool HasNamePattern(string name) => NamePattern().IsMatch(name);

    [GeneratedRegex("^[A-Za-z0-9._-]{1,100}\\z")]
    private static partial Regex NamePattern();
}
