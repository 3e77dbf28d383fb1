namespace EventBus.Events;

/// <summary>Where a publish comes from: the scope whose publisher is used, and the delivery that runs there.</summary>
internal sealed class PublishOrigin
{
    private readonly DeliveryContext? _delivery;
    private readonly int _version;
    private readonly Cause? _cause;

    /// <param name="scope">The scope.</param>
    /// <param name="delivery">The delivery that runs there, if one does.</param>
    /// <param name="isOwn">Whether it is one of the bus that is published to: another bus's leads to an event here, and is no work of this bus.</param>
    public PublishOrigin(IServiceProvider? scope, DeliveryContext? delivery, bool isOwn = true)
    {
        Scope = scope;
        _delivery = isOwn ? delivery : null;
        if (delivery is not null)
        {
            _version = delivery.Version;
            _cause = delivery.Cause();
        }
    }

    public IServiceProvider? Scope { get; }

    public string? CausationId => _cause?.Id;

    public string? CorrelationId => _cause?.CorrelationId;

    /// <summary>The stamp of the event whose delivery leads to this publish, if one does.</summary>
    public Stamp? CauseStamp => _cause?.Stamp;

    /// <inheritdoc cref="EventDetails.Root"/>
    public ulong Root => _cause?.Root ?? 0;

    /// <summary>Whether this publish belongs to a delivery of the same bus that is still running.</summary>
    public bool IsDelivering => _delivery is not null && Volatile.Read(ref _delivery.Version) == _version;

    /// <summary>Whether the delivery that runs is of the event of this type, source and id.</summary>
    public bool IsOf(string type, string? source, string id)
    {
        if (_delivery is not { } delivery || _cause is not { } cause || cause.Id != id || cause.Source != source)
            return false;
        var isOf = delivery.TypeOrNone == type;
        // Its memory may be another delivery's by now.
        return isOf && IsDelivering;
    }

    /// <summary>The subscription whose handler publishes; none once it has returned.</summary>
    public string? Subscription
    {
        get
        {
            var name = _delivery?.Subscription;
            // Its memory may be another delivery's by now.
            return IsDelivering ? name : null;
        }
    }

    /// <summary>The identity of the event that leads to others: kept as its parts, turned into text when something is published.</summary>
    internal sealed class Cause(EventIdentity identity, Stamp stamp, EventDetails? details)
    {
        private string? _id;

        public Stamp Stamp => stamp;

        public ulong Root => EventDetails.RootOf(stamp, details);

        public string Id => _id ??= details?.Id ?? identity.IdOf(stamp);

        public string CorrelationId => details?.CorrelationId ?? Id;

        public string? Source => details?.Source;
    }
}
