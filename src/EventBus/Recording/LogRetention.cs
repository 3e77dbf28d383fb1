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

    /// <summary>Whether events may go that a subscription has not settled: it loses them. A delivery that waited for a retry is logged when its event is gone. Default: no.</summary>
    public bool EvenUnread { get; init; }

    /// <summary>How often it is looked. Positive; default 1 min.</summary>
    public TimeSpan Every { get; init; } = TimeSpan.FromMinutes(1);

    /// <exception cref="ArgumentException">A bound is out of its own bounds.</exception>
    internal LogRetention Checked(string parameter)
    {
        if (MaxAge <= TimeSpan.Zero)
            throw new ArgumentException($"LogRetention.MaxAge is {MaxAge}, and must be positive. Leave it out to keep events of any age.", parameter);
        if (MaxEvents < 1)
            throw new ArgumentException($"LogRetention.MaxEvents is {MaxEvents}, and must be at least 1. Leave it out to keep any number of events.", parameter);
        if (MaxBytes < 1)
            throw new ArgumentException($"LogRetention.MaxBytes is {MaxBytes}, and must be at least 1. Leave it out to keep a log of any size.", parameter);
        if (Every <= TimeSpan.Zero)
            throw new ArgumentException($"LogRetention.Every is {Every}, and must be positive.", parameter);
        return this;
    }
}
