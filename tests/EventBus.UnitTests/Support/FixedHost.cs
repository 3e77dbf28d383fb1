using EventBus.Events;

namespace EventBus.UnitTests.Support;

/// <summary>A bus as far as a delivery's context needs one.</summary>
internal sealed class FixedHost : IDeliveryHost, IServiceProvider
{
    public EventIdentity Identity { get; } = new(42);

    public IServiceProvider RootServices => this;

    public IReadOnlyList<string> QueuesWaitedFor => [];

    public List<DeliveryContext> Known { get; } = [];

    public Func<object, string?> Key { get; init; } = static _ => null;

    public string TypeNameOf(Type eventType) => eventType.Name;

    public string? KeyOf(object @event) => Key(@event);

    public void Know(DeliveryContext context) => Known.Add(context);

    public IEventPublisher PublisherFor(PublishOrigin origin) => throw new InvalidOperationException("This host publishes nothing.");

    public object? GetService(Type serviceType) => null;
}
