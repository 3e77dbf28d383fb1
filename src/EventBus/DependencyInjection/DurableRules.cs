using EventBus.Events;

namespace EventBus.DependencyInjection;

/// <summary>What a durable subscription needs of the bus.</summary>
internal static class DurableRules
{
    public static void Check(SubscriptionPlan plan, SubscriptionSettings settings, Registrations registrations, EventNames names, List<string> errors)
    {
        if (settings.Mode != DeliveryMode.Durable)
            return;
        if (plan.KeyType is { } keyType && !KeyText.CanBeOf(keyType))
            errors.Add(SettingsMistakes.UnstorableKey(settings, keyType));
        if (registrations.DeadLetterStores.Count > 0)
            errors.Add(SettingsMistakes.DurableWithOtherDeadLetters(settings));
        if (registrations.EventLogs.Count == 0)
            errors.Add(SettingsMistakes.DurableWithoutLog(settings));
        else
            registrations.EventLogs[^1].Check(plan, settings, registrations, names, errors);
    }
}
