namespace EventBus;

/// <summary>How a stream of <see cref="IEventBus.StreamAsync{TEvent}"/> gets its events.</summary>
public sealed record StreamOptions
{
    /// <summary>The default of <see cref="Capacity"/>: 1,024.</summary>
    public const int DefaultCapacity = 1024;

    /// <summary>The largest <see cref="Capacity"/>: 1,048,576.</summary>
    public const int MaxCapacity = 1 << 20;

    /// <summary>How many events wait in memory for the reader. From 1 to <see cref="MaxCapacity"/>; default <see cref="DefaultCapacity"/>. Memory is taken as they come.</summary>
    public int Capacity { get; init; } = DefaultCapacity;

    /// <summary>What happens to an event that finds no room. Default: <see cref="QueueFullMode.DropOldest"/>. Not to be given together with <see cref="From"/>: then nothing overflows.</summary>
    public QueueFullMode? WhenFull { get; init; }

    /// <summary>Where in the event log the stream begins. Then it gives the events that are in the log and no others, first from there and then live, without a gap and none twice; a reader that is too slow gets from the log
    /// what memory had no room for, unless retention (<see cref="EventBusBuilder.Retain"/>) has removed it by then. Default: none, and the stream gives every event that is published from its beginning on, logged or not.</summary>
    public LogPosition? From { get; init; }

    /// <summary>What the stream is called in statistics, log messages and the receipt, followed by a number. Matches <c>[A-Za-z0-9._-]{1,80}</c>; default: the event's name and <c>-stream</c>.</summary>
    public string? Name { get; init; }

    internal StreamOptions Checked(string parameter)
    {
        if (Capacity is < 1 or > MaxCapacity)
            throw new ArgumentOutOfRangeException(parameter, Capacity, $"StreamOptions.Capacity must be from 1 to {MaxCapacity}.");
        if (WhenFull is { } mode && (mode == QueueFullMode.Wait || !Enum.IsDefined(mode)))
            throw new ArgumentOutOfRangeException(parameter, mode, "StreamOptions.WhenFull must be DropOldest, DropNewest or Reject. A publisher never waits for a stream: for back-pressure use a subscription.");
        if (WhenFull is not null && From is not null)
            throw new ArgumentException("StreamOptions.WhenFull means nothing together with From: a stream that begins in the event log reads there what memory has no room for. Drop one of the two.", parameter);
        if (Name is not null && (Name.Length is 0 or > 80 || !Name.All(static letter => char.IsAsciiLetterOrDigit(letter) || letter is '.' or '_' or '-')))
            throw new ArgumentException("StreamOptions.Name must match [A-Za-z0-9._-]{1,80}.", parameter);
        return this;
    }
}
