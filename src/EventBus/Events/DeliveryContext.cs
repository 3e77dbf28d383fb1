namespace EventBus.Events;

/// <summary>The memory behind an <see cref="EventContext"/>: one for each worker and each inline publish under way, used again and again.</summary>
/// <remarks>
/// A context of an earlier delivery may be read at any time by whoever kept it. So ending a delivery moves the version on
/// before anything is overwritten, and every field is written with release semantics: who reads a new value also sees the
/// new version, and throws.
/// </remarks>
internal abstract class DeliveryContext(IDeliveryHost host, string[] subscriptions) : EventContextCore
{
    private ulong _stamp;
    private EventDetails? _details;
    private IServiceProvider? _services;
    private volatile bool _ownsScope;
    private bool _isKnown;
    private PublishOrigin? _origin;
    private int _subscription;
    private int _attempt = 1;

    public IDeliveryHost Host => host;

    public Stamp Stamp => Stamp.FromBits(Volatile.Read(ref _stamp));

    public EventDetails? Details => Volatile.Read(ref _details);

    public PublishOrigin? Origin => Volatile.Read(ref _origin);

    /// <summary>Which of its subscription's workers handles the delivery.</summary>
    public int Seat { get; init; }

    /// <summary>The scope that was opened for this delivery alone. What is injected there belongs to this delivery.</summary>
    public IServiceProvider? OwnScope => _ownsScope ? Volatile.Read(ref _services) : null;

    internal override string Id => Details?.Id ?? host.Identity.IdOf(Stamp);

    /// <summary>The event's type; nothing where the delivery has ended and its event was let go.</summary>
    public string? TypeOrNone => BoxedEvent is { } @event ? host.TypeNameOf(@event.GetType()) : null;

    internal override string Type => host.TypeNameOf(BoxedEvent.GetType());

    internal override DateTimeOffset Time => Stamp.Time;

    internal override string? Source => Details?.Source;

    internal override string? Subject => Details?.Subject;

    internal override string? Key => Details?.Key ?? host.KeyOf(BoxedEvent);

    internal override string CorrelationId => Details?.CorrelationId ?? Id;

    internal override string? CausationId => Details?.CausationId;

    internal override IReadOnlyDictionary<string, string> Headers => Details?.Headers ?? EventMetadata.EmptyHeaders;

    internal override string? TraceParent => Details?.Trace?.Parent;

    internal override string? TraceState => Details?.Trace?.State;

    internal override string Subscription => subscriptions[Volatile.Read(ref _subscription)];

    internal override int Attempt => Volatile.Read(ref _attempt);

    internal override long? Sequence => Details is { Sequence: > 0 and var sequence } ? sequence : null;

    internal override bool IsReplay => Details is { IsReplay: true };

    internal override IServiceProvider Services => Volatile.Read(ref _services) ?? host.RootServices;

    internal override IEventPublisher Publisher => host.PublisherFor(new PublishOrigin(Volatile.Read(ref _services), this));

    protected abstract object BoxedEvent { get; }

    public PublishOrigin.Cause Cause() => new(host.Identity, Stamp, Details);

    /// <summary>Names the delivery that comes next, at its first attempt.</summary>
    /// <param name="subscription">Which of the subscriptions that the context serves: a number is written faster than a reference.</param>
    public void Enter(int subscription)
    {
        Volatile.Write(ref _subscription, subscription);
        Volatile.Write(ref _attempt, 1);
    }

    /// <summary>Numbers the attempt that comes next.</summary>
    public void EnterAttempt(int attempt) => Volatile.Write(ref _attempt, attempt);

    public void OpenScope(IServiceProvider services)
    {
        if (!_isKnown)
        {
            _isKnown = true;
            host.Know(this);
        }

        Volatile.Write(ref _services, services);
        _ownsScope = true;
    }

    /// <summary>Runs in somebody else's scope, which other deliveries share.</summary>
    public void ShareScope(IServiceProvider services) => Volatile.Write(ref _services, services);

    public void CloseScope()
    {
        _ownsScope = false;
        Volatile.Write(ref _services, null);
    }

    /// <summary>Ends the delivery: whoever kept its context gets an exception from now on.</summary>
    public void Leave() => Version++;

    protected void Begin(in Stamp stamp, EventDetails? details, PublishOrigin? origin)
    {
        Volatile.Write(ref _stamp, stamp.Bits);
        Volatile.Write(ref _details, details);
        Volatile.Write(ref _origin, origin);
    }
}
