using System.Diagnostics.CodeAnalysis;

namespace EventBus;

/// <summary>What a handler is told about the delivery it handles.</summary>
/// <remarks>
/// A small value over pooled memory: passing it on costs nothing, keeping it is of no use. Each member throws an
/// <see cref="InvalidOperationException"/> once the handler has really returned; it never shows another event's data.
/// <see cref="Capture"/> gives a copy that may be kept.
/// </remarks>
public readonly struct EventContext
{
    private readonly EventContextCore? _core;
    private readonly int _version;

    internal EventContext(EventContextCore core)
    {
        _core = core;
        _version = core.Version;
    }

    /// <inheritdoc cref="EventMetadata.Id"/>
    public string Id => Checked(Core.Id);

    /// <inheritdoc cref="EventMetadata.Type"/>
    public string Type => Checked(Core.Type);

    /// <inheritdoc cref="EventMetadata.Time"/>
    public DateTimeOffset Time => Checked(Core.Time);

    /// <inheritdoc cref="EventMetadata.Source"/>
    public string? Source => Checked(Core.Source);

    /// <inheritdoc cref="EventMetadata.Subject"/>
    public string? Subject => Checked(Core.Subject);

    /// <inheritdoc cref="EventMetadata.Key"/>
    public string? Key => Checked(Core.Key);

    /// <inheritdoc cref="EventMetadata.CorrelationId"/>
    public string CorrelationId => Checked(Core.CorrelationId);

    /// <inheritdoc cref="EventMetadata.CausationId"/>
    public string? CausationId => Checked(Core.CausationId);

    /// <inheritdoc cref="EventMetadata.Headers"/>
    public IReadOnlyDictionary<string, string> Headers => Checked(Core.Headers);

    /// <inheritdoc cref="EventMetadata.Subscription"/>
    public string Subscription => Checked(Core.Subscription);

    /// <inheritdoc cref="EventMetadata.Attempt"/>
    public int Attempt => Checked(Core.Attempt);

    /// <inheritdoc cref="EventMetadata.Sequence"/>
    public long? Sequence => Checked(Core.Sequence);

    /// <inheritdoc cref="EventMetadata.IsReplay"/>
    public bool IsReplay => Checked(Core.IsReplay);

    /// <summary>The services of this delivery's scope; those of the root for a singleton handler, which has no scope.</summary>
    public IServiceProvider Services => Checked(Core.Services);

    /// <summary>Publishes as a consequence of this event: with its correlation id, and its id as the causation id.</summary>
    public IEventPublisher Publisher => Checked(Core.Publisher);

    private EventContextCore Core
    {
        get
        {
            var core = _core;
            if (core is null)
                ThrowNotCreated();
            if (Volatile.Read(ref core.Version) != _version)
                ThrowEnded();
            return core;
        }
    }

    /// <summary>An immutable copy that may be kept after the handler has returned.</summary>
    public EventMetadata Capture() => Checked(Core.Capture());

    /// <summary>Makes a context by hand, for a unit test of a handler.</summary>
    /// <param name="metadata">What the context tells; default: an event of id <c>test</c> at the Unix epoch, attempt 1.</param>
    /// <param name="services">What <see cref="Services"/> gives; default: reading it throws and says so.</param>
    /// <param name="publisher">What <see cref="Publisher"/> gives; default: reading it throws and says so.</param>
    public static EventContext Create(EventMetadata? metadata = null, IServiceProvider? services = null, IEventPublisher? publisher = null) =>
        new(new FixedContextCore(
            metadata ?? new EventMetadata { Id = "test", Type = "test", Time = DateTimeOffset.UnixEpoch, CorrelationId = "test", Subscription = "test" },
            services,
            publisher));

    // The memory may be given to the next delivery between the first check and the read: what was read counts only if the
    // version has not moved.
    private T Checked<T>(T value)
    {
        if (Volatile.Read(ref _core!.Version) != _version)
            ThrowEnded();
        return value;
    }

    [DoesNotReturn]
    private static void ThrowNotCreated() =>
        throw new InvalidOperationException("This EventContext is default(EventContext) and belongs to no delivery. In a unit test make one with EventContext.Create(...).");

    [DoesNotReturn]
    private static void ThrowEnded() =>
        throw new InvalidOperationException("This EventContext was read after its handler had returned. Keep context.Capture() instead, or await what the handler started.");
}
