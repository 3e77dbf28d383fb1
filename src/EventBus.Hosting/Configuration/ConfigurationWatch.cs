using EventBus.Hosting.Observing;
using EventBus.Observing;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Primitives;

namespace EventBus.Hosting.Configuration;

/// <summary>Follows the configuration while the bus runs: does what can be done then, and says of the rest that it needs a restart.</summary>
internal sealed class ConfigurationWatch(SubscriptionsInConfiguration configuration, UnreadSections unread, ILoggerFactory logs) : IDisposable
{
    private readonly ILogger _log = logs.CreateLogger(LogMessages.Category);
    private HashSet<string> _knownMistakes = [];
    private IDisposable? _registration;
    private int _asked;

    public void Begin(IEventBus bus)
    {
        if (configuration.Section is not { } section || _registration is not null)
            return;
        _registration = ChangeToken.OnChange(section.GetReloadToken, () => LookSoon(bus));
        // It may have changed since the bus was built.
        LookSoon(bus);
    }

    public void End() => Interlocked.Exchange(ref _registration, null)?.Dispose();

    public void Dispose() => End();

    // One looks at a time, and whoever asks meanwhile makes it look once more.
    private void LookSoon(IEventBus bus)
    {
        if (Interlocked.Increment(ref _asked) > 1)
            return;
        int asked;
        do
        {
            asked = Volatile.Read(ref _asked);
            Look(bus);
        }
        while (Interlocked.CompareExchange(ref _asked, 0, asked) != asked);
    }

    private void Look(IEventBus bus)
    {
        foreach (var section in unread.ToTell())
            LogMessages.UnreadSection(_log, LogText.Safe(section.Path), LogText.Safe(section.Read));
        List<string> mistakes = [.. configuration.Missing(), .. configuration.Unknown()];
        foreach (var subscription in bus.Subscriptions)
        {
            if (!configuration.TryGetRunning(subscription.Name, out var running))
                continue;
            var reading = configuration.Read(subscription.Name, subscription.Mode);
            if (reading.Paused == true && subscription.Mode == DeliveryMode.Inline)
                reading.Mistakes.Add($"Configuration key '{KeyOf(subscription, Setting.Paused)}' is true, and an inline subscription cannot be paused: its handler runs within the publish.");
            if (reading.Mistakes.Count == 0)
                Follow(subscription, running, reading);
            mistakes.AddRange(reading.Mistakes);
        }

        foreach (var mistake in mistakes)
        {
            if (!_knownMistakes.Contains(mistake))
                LogMessages.WrongConfiguration(_log, mistake);
        }

        _knownMistakes = [.. mistakes];
    }

    private void Follow(ISubscription subscription, RunningSubscription running, SubscriptionReading reading)
    {
        var pausedKey = KeyOf(subscription, Setting.Paused);
        var paused = reading.Paused ?? running.PausedByCode;
        if (paused != running.Paused)
        {
            running.Paused = paused;
            Pause(subscription, paused, pausedKey);
        }

        foreach (var key in running.Seen.Keys.Union(reading.Values.Keys, StringComparer.OrdinalIgnoreCase))
        {
            var value = reading.Values.GetValueOrDefault(key);
            if (value != running.Seen.GetValueOrDefault(key) && !key.Equals(pausedKey, StringComparison.OrdinalIgnoreCase))
                Tell(key, value, running.Running.GetValueOrDefault(key));
        }

        running.Seen = reading.Values;
    }

    private void Pause(ISubscription subscription, bool paused, string key)
    {
        if (paused)
        {
            subscription.Pause();
            LogMessages.Paused(_log, subscription.Name, key);
        }
        else
        {
            subscription.Resume();
            LogMessages.Resumed(_log, subscription.Name, key);
        }
    }

    private void Tell(string key, string? value, string? running)
    {
        if (value == running)
            LogMessages.AsItRuns(_log, LogText.Safe(key), Text(value));
        else
            LogMessages.NeedsRestart(_log, LogText.Safe(key), Text(value), Text(running));
    }

    private string KeyOf(ISubscription subscription, string setting) => LogText.Safe($"{configuration.Section!.Path}:{subscription.Name}:{setting}");

    private static string Text(string? value) => value is null ? "not set" : LogText.Safe(value);
}
