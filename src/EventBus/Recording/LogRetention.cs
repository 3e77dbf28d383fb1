namespace EventBus;

/// <summary>What the event log may forget. Whatever it says, an event that a durable subscription has not settled stays, unless <see cref="EvenUnread"/>.</summary>
/// <remarks>An event is removed as soon as one of the bounds says so. Dead letters have copies of their events and are not concerned; ids that publishers gave are recognised only as long
/// as their events are there.</remarks>
public sealed record LogRetention
{
    /// <summary>Events older than this may go. Positive; <see langword="null"/> for no bound.</summary>
    public TimeSpan? MaxAge { get; init; }

    /// <summary>The oldest of more events than this may go. At least 1; <see langword="null"/> for no bound.</summary>
    public long? MaxEvents { get; init; }

    /// <summary>The oldest events may go while the log takes more bytes than this. At least 1; <see langword="null"/> for no bound.</summary>
    public long? MaxBytes { get; init; }

    /// <summary>Whether events may go that a subscription has not settled: it loses them, which is logged. Default: no.</summary>
    public bool EvenUnread { get; init; }

    /// <summary>How often it is looked. Positive; default 1 min.</summary>
    public TimeSpan Every { get; init; } = TimeSpan.FromMinutes(1);
}
