using EventBus.Observing;

namespace EventBus.DependencyInjection;

/// <summary>Lets the application change the settings that code has made, and takes what it throws for mistakes.</summary>
internal static class SettingsConfiguration
{
    /// <summary>One for all, made of one for each.</summary>
    public static Action<IServiceProvider, IReadOnlyList<SubscriptionSettings>> OfEach(Action<SubscriptionSettings> configure) => (_, subscriptions) =>
    {
        List<string>? mistakes = null;
        foreach (var settings in subscriptions)
        {
            try
            {
                configure(settings);
            }
            catch (Exception error)
            {
                (mistakes ??= []).Add($"ConfigureSubscriptions threw for subscription '{settings.Name}': {ExceptionText.MessageOf(error)}");
            }
        }

        if (mistakes is not null)
            throw new EventBusConfigurationException(mistakes);
    };

    public static void Apply(
        List<Action<IServiceProvider, IReadOnlyList<SubscriptionSettings>>> configurations,
        IServiceProvider services,
        IReadOnlyList<SubscriptionSettings> subscriptions,
        List<string> errors)
    {
        foreach (var configure in configurations)
        {
            try
            {
                configure(services, subscriptions);
            }
            catch (EventBusConfigurationException mistakes)
            {
                errors.AddRange(mistakes.Errors);
            }
            catch (Exception error)
            {
                errors.Add($"ConfigureSubscriptions threw: {ExceptionText.MessageOf(error)}");
            }
        }
    }
}
