namespace EventBus.DependencyInjection;

/// <summary>Collects what is wrong with one subscription's settings, and says of each where it was set, if somebody told that.</summary>
internal readonly struct SettingsErrors(SubscriptionSettings settings, List<string> errors)
{
    public void Add(string setting, string mistake) =>
        errors.Add(settings.SourceOf(setting) is { } source ? $"{mistake} It is set by {source}." : mistake);
}
