namespace EventBus;

/// <summary>Configures the subscriptions of an open generic handler: one for each event type, all alike.</summary>
public sealed class OpenSubscriptionBuilder : SubscriptionBuilderOf<OpenSubscriptionBuilder>
{
    internal OpenSubscriptionBuilder()
    {
    }

    internal Func<Type, bool>? Wanted { get; private set; }

    /// <summary>Subscribes only to the event types that the predicate holds for. Default: to all that the handler's own constraints allow. Several are all asked.</summary>
    /// <param name="predicate">Called when the bus is built, for the event types that it knows, and when the first event of a type is published; then perhaps by several threads at once. Its answer about a type must always be the same.</param>
    public OpenSubscriptionBuilder Where(Func<Type, bool> predicate)
    {
        ArgumentNullException.ThrowIfNull(predicate);
        Wanted = Wanted is { } others ? type => others(type) && predicate(type) : predicate;
        return this;
    }
}
