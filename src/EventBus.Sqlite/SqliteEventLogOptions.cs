namespace EventBus;

/// <summary>The settings of an event log in an SQLite file.</summary>
public sealed class SqliteEventLogOptions
{
    /// <summary>The default of <see cref="BusyTimeout"/>: 5 seconds.</summary>
    public static readonly TimeSpan DefaultBusyTimeout = TimeSpan.FromSeconds(5);

    /// <summary>The greatest <see cref="BusyTimeout"/>: 1 hour.</summary>
    public static readonly TimeSpan MaxBusyTimeout = TimeSpan.FromHours(1);

    /// <summary>How far a commit goes before it counts. Default: <see cref="SqliteSynchronous.Full"/>.</summary>
    public SqliteSynchronous Synchronous { get; set; } = SqliteSynchronous.Full;

    /// <summary>How long a transaction waits for another connection that is writing, before an <see cref="EventLogBusyException"/> is thrown. From 0 to
    /// <see cref="MaxBusyTimeout"/>; default: <see cref="DefaultBusyTimeout"/>.</summary>
    public TimeSpan BusyTimeout { get; set; } = DefaultBusyTimeout;

    // What is given to the log is copied: a setting that changes later would hold for one of its two connections.
    internal SqliteEventLogOptions Checked()
    {
        if (!Enum.IsDefined(Synchronous))
            throw new ArgumentException($"SqliteEventLogOptions.Synchronous is {(int)Synchronous}, which is no setting. Set it to SqliteSynchronous.Full or SqliteSynchronous.Normal.", "options");
        if (BusyTimeout < TimeSpan.Zero || BusyTimeout > MaxBusyTimeout)
            throw new ArgumentException($"SqliteEventLogOptions.BusyTimeout is {BusyTimeout}, but must be from 0 to {MaxBusyTimeout}. The default is {DefaultBusyTimeout}.", "options");
        return new() { Synchronous = Synchronous, BusyTimeout = BusyTimeout };
    }
}
