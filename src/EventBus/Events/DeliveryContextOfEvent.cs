namespace EventBus.Events;

/// <summary>A delivery's context that knows its event, so that key and type can be told when asked for.</summary>
internal sealed class DeliveryContext<T>(IDeliveryHost host, string[] subscriptions) : DeliveryContext(host, subscriptions)
{
    private T? _event;

    protected override object BoxedEvent => _event!;

    public void Begin(T @event, in Stamp stamp, EventDetails? details, PublishOrigin? origin)
    {
        Begin(stamp, details, origin);
        _event = @event;
    }

    /// <summary>Lets go of what it held, so that an idle bus keeps no event alive.</summary>
    public void Clear()
    {
        Begin(default, null, null);
        _event = default;
    }
}
