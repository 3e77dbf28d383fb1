namespace EventBus.DependencyInjection;

/// <summary>Says in words what a subscription's settings come to.</summary>
internal static class SettingsText
{
    public static string Of(SubscriptionSettings settings)
    {
        if (settings.Mode == DeliveryMode.Inline)
            return settings.Retry is { } policy ? $"inline; retry: {policy}" : "inline";
        var order = settings.IsStrictlyOrdered ? ", strictly ordered" : settings.IsOrdered ? ", ordered by key" : "";
        var idempotent = settings.IsIdempotent ? ", idempotent" : "";
        var mode = settings.Mode == DeliveryMode.Durable ? "durable" : "queued";
        return $"{mode}, capacity {settings.Capacity ?? SubscriptionSettings.DefaultCapacity}, concurrency {settings.Concurrency ?? SubscriptionSettings.DefaultConcurrency}{order}{idempotent}; retry: {settings.Retry ?? SubscriptionSettings.DefaultRetry(settings.Mode)}";
    }
}
