namespace EventBus;

/// <summary>From when on a bus is called degraded or unhealthy. A threshold that is <see langword="null"/> is never reached.</summary>
public sealed class EventBusHealthOptions
{
    /// <summary>The default of <see cref="DegradedLag"/>: 10,000.</summary>
    public const long DefaultDegradedLag = 10_000;

    /// <summary>The default of <see cref="UnhealthyLag"/>: 100,000.</summary>
    public const long DefaultUnhealthyLag = 100_000;

    /// <summary>The default of <see cref="DegradedDeadLetters"/>: 1.</summary>
    public const long DefaultDegradedDeadLetters = 1;

    /// <summary>The default of <see cref="DegradedStuck"/>: 1.</summary>
    public const long DefaultDegradedStuck = 1;

    /// <summary>The default of <see cref="StorageTimeout"/>: 5 seconds.</summary>
    public static readonly TimeSpan DefaultStorageTimeout = TimeSpan.FromSeconds(5);

    /// <summary>Degraded when one subscription has so many events before it: those that wait or run and, where it is durable, those that it has not read. Default: <see cref="DefaultDegradedLag"/>.</summary>
    public long? DegradedLag { get; set; } = DefaultDegradedLag;

    /// <summary>Unhealthy when one subscription has so many events before it. Default: <see cref="DefaultUnhealthyLag"/>.</summary>
    public long? UnhealthyLag { get; set; } = DefaultUnhealthyLag;

    /// <summary>Degraded when the bus keeps so many dead letters. Default: <see cref="DefaultDegradedDeadLetters"/>.</summary>
    public long? DegradedDeadLetters { get; set; } = DefaultDegradedDeadLetters;

    /// <summary>Unhealthy when the bus keeps so many dead letters. Default: never, since starting the process again removes none.</summary>
    public long? UnhealthyDeadLetters { get; set; }

    /// <summary>Degraded when so many handlers were reported as stuck and have not returned. Default: <see cref="DefaultDegradedStuck"/>.</summary>
    public long? DegradedStuck { get; set; } = DefaultDegradedStuck;

    /// <summary>Unhealthy when so many handlers were reported as stuck and have not returned. Default: never.</summary>
    public long? UnhealthyStuck { get; set; }

    /// <summary>Degraded when the storage of the log or of the dead letters has not answered for so long: it may be busy with a backup. Positive; default: <see cref="DefaultStorageTimeout"/>.</summary>
    public TimeSpan StorageTimeout { get; set; } = DefaultStorageTimeout;
}
