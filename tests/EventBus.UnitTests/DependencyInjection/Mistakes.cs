namespace EventBus.UnitTests.DependencyInjection;

/// <summary>Builds a bus that is configured wrongly and says what it was told.</summary>
internal static class Mistakes
{
    /// <summary>The mistakes of a bus without a container.</summary>
    public static IReadOnlyList<string> Of(Action<EventBusBuilder> configure)
    {
        var builder = new EventBusBuilder();
        configure(builder);
        return Assert.Throws<EventBusConfigurationException>(builder.Build).Errors;
    }

    /// <summary>The mistakes of one subscription, named <c>stock</c>.</summary>
    public static IReadOnlyList<string> In(Action<SubscriptionBuilder<string>> configure) =>
        Of(bus => bus.Handle<string>(static (_, _, _) => default, s => configure(s.Named("stock"))));
}
