using Microsoft.Extensions.Configuration;

namespace EventBus.Hosting.Configuration;

/// <summary>One setting that configuration can give a subscription.</summary>
/// <param name="Key">Its key in the subscription's section.</param>
/// <param name="Property">The property of <see cref="SubscriptionSettings"/> that it sets.</param>
/// <param name="Read">Reads the key, and says how it changes the settings; not at all where the key has no value, or a wrong one.</param>
internal sealed record Setting(string Key, string Property, Func<IConfigurationSection, DeliveryMode, List<string>, Action<SubscriptionSettings>?> Read)
{
    /// <summary>The key that can be followed while the bus runs.</summary>
    public const string Paused = "Paused";

    /// <summary>By their keys, in the order in which people are told of them.</summary>
    public static IReadOnlyList<Setting> All { get; } =
    [
        Of(nameof(SubscriptionSettings.Capacity), SettingText.Number, static (settings, value) => settings.Capacity = value),
        Of(nameof(SubscriptionSettings.Concurrency), SettingText.Number, static (settings, value) => settings.Concurrency = value),
        Of(nameof(SubscriptionSettings.IdempotencyWindow), SettingText.Time, static (settings, value) => settings.IdempotencyWindow = value),
        Of(nameof(SubscriptionSettings.MaxAbandoned), SettingText.Number, static (settings, value) => settings.MaxAbandoned = value),
        Of(nameof(SubscriptionSettings.MaxParked), SettingText.Number, static (settings, value) => settings.MaxParked = value),
        Of(nameof(SubscriptionSettings.MaxPerKey), SettingText.Number, static (settings, value) => settings.MaxPerKey = value),
        Of(nameof(SubscriptionSettings.StartsPaused), SettingText.Flag, static (settings, value) => settings.StartsPaused = value, Paused),
        Of(nameof(SubscriptionSettings.Reserve), SettingText.Number, static (settings, value) => settings.Reserve = value),
        Of(nameof(SubscriptionSettings.RetriesPerSecond), SettingText.Rate, static (settings, value) => settings.RetriesPerSecond = value),
        new(nameof(SubscriptionSettings.Retry), nameof(SubscriptionSettings.Retry), static (section, mode, mistakes) =>
            RetrySection.Read(section, mode, mistakes) is { } policy ? settings => settings.Retry = policy : null),
        Of(nameof(SubscriptionSettings.RetryBurst), SettingText.Number, static (settings, value) => settings.RetryBurst = value),
        Of(nameof(SubscriptionSettings.StuckAfter), SettingText.TimeOrInfinite, static (settings, value) => settings.StuckAfter = value),
        Of(nameof(SubscriptionSettings.Timeout), SettingText.TimeOrInfinite, static (settings, value) => settings.Timeout = value),
        Of(nameof(SubscriptionSettings.WhenFull), SettingText.OneOf<QueueFullMode>(), static (settings, value) => settings.WhenFull = value),
        Of(nameof(SubscriptionSettings.WhenStuck), SettingText.OneOf<StuckHandlerAction>(), static (settings, value) => settings.WhenStuck = value),
    ];

    public static string Keys { get; } = string.Join(", ", All.Select(static setting => setting.Key));

    private static Setting Of<T>(string property, SettingText<T> text, Action<SubscriptionSettings, T> set, string? key = null) =>
        new(key ?? property, property, (section, _, mistakes) => text.TryReadFrom(section, mistakes, out var value) ? settings => set(settings, value) : null);
}
