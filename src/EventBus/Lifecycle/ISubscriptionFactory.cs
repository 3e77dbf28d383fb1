using EventBus.Routing;

namespace EventBus.Lifecycle;

/// <summary>Makes a bus's subscriptions from what was registered.</summary>
internal interface ISubscriptionFactory
{
    Subscription[] CreateAll(Bus bus);

    Subscription Create<TEvent>(Bus bus, Func<TEvent, EventContext, CancellationToken, ValueTask> handler, Action<SubscriptionBuilder<TEvent>>? configure)
        where TEvent : notnull;

    /// <summary>A name that no subscription of the bus has: the prefix, and a number.</summary>
    string NameOf(Bus bus, string prefix);

    SubscriptionTopology Describe(Subscription subscription);
}
