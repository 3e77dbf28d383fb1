namespace EventBus.Observing;

/// <summary>A subscription whose numbers are read when somebody collects them.</summary>
internal interface IMeasured
{
    string Name { get; }

    SubscriptionStatistics Statistics { get; }
}
