namespace EventBus;

/// <summary>A place in the event log, from which it is read.</summary>
public readonly record struct LogPosition
{
    private readonly Kind _kind;
    private readonly long _sequence;
    private readonly DateTimeOffset _time;

    private LogPosition(Kind kind, long sequence = 0, DateTimeOffset time = default)
    {
        _kind = kind;
        _sequence = sequence;
        _time = time;
    }

    private enum Kind
    {
        Latest,
        Earliest,
        Sequence,
        Time,
    }

    /// <summary>After the last event: only what is published from now on. The default.</summary>
    public static LogPosition Latest => default;

    /// <summary>At the oldest event that the log holds.</summary>
    public static LogPosition Earliest => new(Kind.Earliest);

    /// <summary>At a sequence, included; where the log does not hold it any more or not yet, at the next that it holds.</summary>
    /// <param name="sequence">At least 1.</param>
    public static LogPosition Sequence(long sequence)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(sequence, 1);
        return new(Kind.Sequence, sequence);
    }

    /// <summary>At the first event that was published at a time, included, or later; if there is none, after the last.</summary>
    public static LogPosition Time(DateTimeOffset time) => new(Kind.Time, time: time);

    /// <inheritdoc/>
    public override string ToString() => _kind switch
    {
        Kind.Earliest => "earliest",
        Kind.Sequence => $"sequence {_sequence}",
        Kind.Time => $"time {_time:O}",
        _ => "latest",
    };

    /// <summary>The sequence after which reading begins.</summary>
    internal long After(Storage.IEventLog log, long head, CancellationToken cancellationToken = default) => _kind switch
    {
        Kind.Latest => head,
        Kind.Earliest => 0,
        Kind.Sequence => Math.Min(_sequence - 1, head),
        _ => log.ReadSequenceAt(_time, cancellationToken) is { } first ? first - 1 : head,
    };
}
