using EventBus.Observing;
using Microsoft.Extensions.Configuration;

namespace EventBus.Hosting.Configuration;

/// <summary>What configuration says of one subscription at one moment, and what is wrong with it.</summary>
internal sealed class SubscriptionReading
{
    private readonly List<(string Property, string Path, Action<SubscriptionSettings> Set)> _changes = [];

    public SubscriptionReading(IConfigurationSection section, DeliveryMode mode)
    {
        Values = ValuesIn(section);
        if (section.Value is { Length: > 0 } value)
            Mistakes.Add($"Configuration key '{LogText.Safe(section.Path)}' is '{LogText.Safe(value)}', and must be a section with settings: {Setting.Keys}.");
        foreach (var key in section.GetChildren())
            Read(key, mode);
    }

    public List<string> Mistakes { get; } = [];

    /// <summary>Every value by its full key.</summary>
    public Dictionary<string, string> Values { get; }

    /// <summary>Whether the subscription is to be paused; nothing where configuration does not say.</summary>
    public bool? Paused { get; private set; }

    public void ApplyTo(SubscriptionSettings settings)
    {
        foreach (var (property, path, set) in _changes)
        {
            set(settings);
            settings.SetFrom(property, $"configuration key '{LogText.Safe(path)}'");
        }
    }

    private void Read(IConfigurationSection key, DeliveryMode mode)
    {
        var setting = Setting.All.FirstOrDefault(setting => setting.Key.Equals(key.Key, StringComparison.OrdinalIgnoreCase));
        if (setting is null)
        {
            Mistakes.Add($"Configuration key '{LogText.Safe(key.Path)}' is no setting of a subscription. There are: {Setting.Keys}.");
            return;
        }

        if (setting.Read(key, mode, Mistakes) is not { } set)
            return;
        _changes.Add((setting.Property, key.Path, set));
        if (setting.Key == Setting.Paused)
            Paused = SettingText.Flag.TryReadFrom(key, Mistakes, out var paused) ? paused : null;
    }

    private static Dictionary<string, string> ValuesIn(IConfigurationSection section)
    {
        var values = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var (key, value) in section.AsEnumerable())
        {
            if (value is { Length: > 0 })
                values[key] = value;
        }

        return values;
    }
}
