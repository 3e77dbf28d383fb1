using System.Collections.Concurrent;
using EventBus.Observing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;

namespace EventBus.Hosting.Configuration;

/// <summary>The part of the configuration that is about subscriptions, applied to their settings when the bus is built.</summary>
internal sealed class SubscriptionsInConfiguration
{
    /// <summary>The key of the section with a section for each subscription.</summary>
    public const string Subscriptions = "Subscriptions";

    private readonly ConcurrentDictionary<string, RunningSubscription> _running = new(StringComparer.Ordinal);
    private readonly IConfigurationSection? _around;
    private readonly string? _demanded;

    public SubscriptionsInConfiguration(IOptions<EventBusHostingOptions> options, IConfiguration? configuration = null)
    {
        var chosen = Checked(options);
        if (string.IsNullOrEmpty(chosen.ConfigurationSection))
            return;
        _demanded = chosen.DemandsSection ? chosen.ConfigurationSection : null;
        _around = configuration?.GetSection(chosen.ConfigurationSection);
        Section = _around?.GetSection(Subscriptions);
    }

    /// <summary>None where there is no configuration, or none is wanted.</summary>
    public IConfigurationSection? Section { get; }

    /// <exception cref="EventBusConfigurationException">Something is wrong with it; all of that is named.</exception>
    public void Apply(IReadOnlyList<SubscriptionSettings> subscriptions)
    {
        List<string> mistakes = [.. Missing()];
        if (Section is null && mistakes.Count == 0)
            return;
        foreach (var settings in Section is null ? [] : subscriptions)
        {
            var reading = Read(settings.Name, settings.Mode);
            _running[settings.Name] = new(reading, settings.StartsPaused);
            reading.ApplyTo(settings);
            mistakes.AddRange(reading.Mistakes);
        }

        if (Section is not null)
            mistakes.AddRange(Unknown());
        if (mistakes.Count > 0)
            throw new EventBusConfigurationException(mistakes);
    }

    // So that it is told with all other mistakes.
    private static EventBusHostingOptions Checked(IOptions<EventBusHostingOptions> options)
    {
        try
        {
            return options.Value;
        }
        catch (OptionsValidationException error)
        {
            throw new EventBusConfigurationException([.. error.Failures]);
        }
    }

    public SubscriptionReading Read(string subscription, DeliveryMode mode) => new(Section!.GetSection(subscription), mode);

    /// <summary>A subscription that the bus has had since it was built, or was given later.</summary>
    public bool TryGetRunning(string subscription, out RunningSubscription running) => _running.TryGetValue(subscription, out running!);

    /// <summary>A section that was named and is not there.</summary>
    public IEnumerable<string> Missing()
    {
        if (_demanded is not null && _around?.Exists() != true)
            yield return $"Configuration section '{LogText.Safe(_demanded)}' does not exist, and EventBusHostingOptions.ConfigurationSection names it. Correct the name, add the section, or set IsConfigurationSectionOptional where it may be missing.";
    }

    /// <summary>What is configured, and is no subscription.</summary>
    public IEnumerable<string> Unknown()
    {
        if (Section!.Value is { Length: > 0 } value)
            yield return $"Configuration key '{LogText.Safe(Section.Path)}' is '{LogText.Safe(value)}', and must be a section with a section for each subscription.";
        var names = _running.Keys.ToHashSet(StringComparer.OrdinalIgnoreCase);
        foreach (var section in Section.GetChildren())
        {
            if (!names.Contains(section.Key))
                yield return $"Configuration key '{LogText.Safe(section.Path)}' names no subscription of the bus. There are: {string.Join(", ", names.Order(StringComparer.Ordinal))}.";
        }
    }
}
