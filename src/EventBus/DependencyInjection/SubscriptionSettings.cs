namespace EventBus;

/// <summary>The settings of one subscription, as code made them; <see cref="EventBusBuilder.ConfigureSubscriptions(Action{SubscriptionSettings})"/> may change them.</summary>
/// <remarks>A setting that nobody touched is <see langword="null"/> and means its default. Bounds are checked when the bus is built.</remarks>
public sealed class SubscriptionSettings
{
    /// <summary>Default capacity of a queue: 1,024.</summary>
    public const int DefaultCapacity = 1024;

    /// <summary>Default number of deliveries handled at once: 1.</summary>
    public const int DefaultConcurrency = 1;

    /// <summary>Greatest capacity: 16,777,216.</summary>
    public const int MaxCapacity = 1 << 24;

    /// <summary>Greatest concurrency: 1,024.</summary>
    public const int MaxConcurrency = 1024;

    /// <summary>Default time that one attempt of a queued handler may take: 5 min.</summary>
    public static readonly TimeSpan DefaultTimeout = TimeSpan.FromMinutes(5);

    /// <summary>Default time after which a handler that ignores its timeout is reported as stuck: 1 min.</summary>
    public static readonly TimeSpan DefaultStuckAfter = TimeSpan.FromMinutes(1);

    /// <summary>Default time for which handled deliveries are remembered: 7 days.</summary>
    public static readonly TimeSpan DefaultIdempotencyWindow = TimeSpan.FromDays(7);

    /// <summary>Default lease of an idempotency claim, renewed at a third of it: 1 min.</summary>
    public static readonly TimeSpan DefaultClaimLease = TimeSpan.FromMinutes(1);

    /// <summary>Default number of deliveries of a durable subscription that may wait for a retry or behind their key: 100,000.</summary>
    public const int DefaultMaxParked = 100_000;

    private Dictionary<string, string>? _sources;

    internal SubscriptionSettings()
    {
    }

    /// <summary>The subscription's name.</summary>
    public string Name { get; internal set; } = "";

    /// <summary>How it gets its events.</summary>
    public DeliveryMode Mode { get; internal set; }

    /// <summary>How many events may wait; durable: how many are held in memory, while the log keeps the rest. From 1 to <see cref="MaxCapacity"/>; default <see cref="DefaultCapacity"/>.</summary>
    public int? Capacity { get; set; }

    /// <summary>How many events handlers may have waiting beyond <see cref="Capacity"/>. From 1 to <see cref="MaxCapacity"/>; default: as many as the capacity.</summary>
    public int? Reserve { get; set; }

    /// <summary>How many waiting events one key may have. From 1 to the capacity; default: a quarter of it, at least 1.</summary>
    public int? MaxPerKey { get; set; }

    /// <summary>What happens when the queue is full. Default: <see cref="QueueFullMode.Wait"/>.</summary>
    public QueueFullMode? WhenFull { get; set; }

    /// <summary>How many deliveries are handled at once. From 1 to <see cref="MaxConcurrency"/>; default <see cref="DefaultConcurrency"/>.</summary>
    public int? Concurrency { get; set; }

    /// <summary>What happens after a failed attempt. Default: <see cref="RetryPolicy.Default"/>, durable <see cref="RetryPolicy.DurableDefault"/>, inline <see cref="RetryPolicy.None"/>.</summary>
    public RetryPolicy? Retry { get; set; }

    /// <summary>How many retries begin per second at most; further ones wait longer. Positive; default: no bound.</summary>
    public double? RetriesPerSecond { get; set; }

    /// <summary>How many retries may begin at once within that rate. At least 1; default: one second's worth, at least 1.</summary>
    public int? RetryBurst { get; set; }

    /// <summary>How long one attempt may take until its token is cancelled. Positive, or infinite; default
    /// <see cref="DefaultTimeout"/>, inline none.</summary>
    public TimeSpan? Timeout { get; set; }

    /// <summary>How long after its timeout (without one: after its beginning) an attempt that has not returned is reported as stuck.
    /// Positive, or infinite; default <see cref="DefaultStuckAfter"/>.</summary>
    public TimeSpan? StuckAfter { get; set; }

    /// <summary>What becomes of a stuck delivery. Default: <see cref="StuckHandlerAction.Keep"/>.</summary>
    public StuckHandlerAction? WhenStuck { get; set; }

    /// <summary>How many abandoned handlers may be out at once; when there are as many, further ones keep their slots. From 1 to <see cref="MaxConcurrency"/>; default 1.</summary>
    public int? MaxAbandoned { get; set; }

    /// <summary>How long handled deliveries are remembered, where the subscription is idempotent. Positive; default <see cref="DefaultIdempotencyWindow"/>.</summary>
    public TimeSpan? IdempotencyWindow { get; set; }

    /// <summary>Durable only: how many deliveries may wait for a retry or behind their key; with as many the subscription reads no further, and the log keeps what comes.
    /// At least 1; default <see cref="DefaultMaxParked"/>.</summary>
    public int? MaxParked { get; set; }

    /// <summary>Whether it begins paused. Default: no.</summary>
    public bool StartsPaused { get; set; }

    /// <summary>Says what set a setting, so that a mistake in it names the place.</summary>
    /// <param name="setting">The name of the property, for example <c>nameof(settings.Capacity)</c>.</param>
    /// <param name="source">For people to read, for example "configuration key 'EventBus:Subscriptions:stock:Capacity'". The last call wins.</param>
    public void SetFrom(string setting, string source)
    {
        ArgumentNullException.ThrowIfNull(setting);
        ArgumentNullException.ThrowIfNull(source);
        (_sources ??= [])[setting] = source;
    }

    internal string? SourceOf(string setting) => _sources?.GetValueOrDefault(setting);

    internal LogPosition StartFrom { get; set; }

    internal List<string> FormerNames { get; set; } = [];

    internal List<DependencyInjection.Middleware> Middleware { get; } = [];

    internal bool IsIdempotent { get; set; }

    /// <summary>Whether its handler is an observer, which is told of one event at a time.</summary>
    internal bool IsObservers { get; set; }

    internal bool IsOrdered { get; set; }

    internal bool IsStrictlyOrdered { get; set; }

    internal string? GivenName { get; set; }

    /// <summary>Under which name metrics tell of it, where its own is one of ever more.</summary>
    internal string? SharedName { get; set; }

    internal InlineScope InlineScope { get; set; }

    internal HandlerLifetime Lifetime { get; set; }

    internal static RetryPolicy DefaultRetry(DeliveryMode mode) => mode == DeliveryMode.Durable ? RetryPolicy.DurableDefault : RetryPolicy.Default;

    internal SubscriptionSettings Copy() => (SubscriptionSettings)MemberwiseClone();
}
