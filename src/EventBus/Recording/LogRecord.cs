namespace EventBus.Storage;

/// <summary>One event as an <see cref="IEventLog"/> keeps it: attributes named as in CloudEvents 1.0, and the serialized body.</summary>
public sealed record LogRecord
{
    // There is a record for each durable publish. A nullable time takes three words, and so it is kept as ticks; a flag beside two numbers takes a word, and so it is the sign
    // of one of them; and most events are in no trace.
    private readonly long _time;
    private readonly long _expiresAt;
    private readonly int _versionOrMinusWhereIdIsGiven = 1;
    private readonly TraceTexts? _trace;
    private uint _checksum;

    /// <summary>The event's number in the log, from 1. 0 until the log has given one.</summary>
    public long Sequence { get; init; }

    /// <summary>The event's id.</summary>
    public required string Id { get; init; }

    /// <summary>Whether the publisher gave the id itself: only then is a second event of this type, source and id recognised.</summary>
    public bool IsIdGiven
    {
        get => _versionOrMinusWhereIdIsGiven < 0;
        init => _versionOrMinusWhereIdIsGiven = value ? -TypeVersion : TypeVersion;
    }

    /// <summary>The stored name of the event's type; never the name of a .NET type to load.</summary>
    public required string Type { get; init; }

    /// <summary>The version of the event's shape, from 1.</summary>
    public int TypeVersion
    {
        get => Math.Abs(_versionOrMinusWhereIdIsGiven);
        init => _versionOrMinusWhereIdIsGiven = IsIdGiven ? -value : value;
    }

    /// <summary>When the event was published, in UTC; kept to the millisecond.</summary>
    public required DateTimeOffset Time
    {
        get => new(_time, TimeSpan.Zero);
        init => _time = value.UtcTicks;
    }

    /// <summary>Where the fact happened.</summary>
    public string? Source { get; init; }

    /// <summary>What the fact is about.</summary>
    public string? Subject { get; init; }

    /// <summary>The key that the publisher gave, as text. May be empty, long, and may contain any character.</summary>
    public string? Key { get; init; }

    /// <summary>The conversation; <see langword="null"/> means the event's own id.</summary>
    public string? CorrelationId { get; init; }

    /// <summary>The id of the event that led to this one.</summary>
    public string? CausationId { get; init; }

    /// <summary>What the publisher added, as a JSON object of strings; <see langword="null"/> for none.</summary>
    public string? Headers { get; init; }

    /// <summary>The place in a trace at which the event was published, in the form of W3C Trace Context; <see langword="null"/> for none.</summary>
    public string? TraceParent
    {
        get => _trace?.Parent;
        init => _trace = TraceTexts.Of(value, TraceState);
    }

    /// <summary>What tracing systems keep beside <see cref="TraceParent"/>; <see langword="null"/> for nothing.</summary>
    public string? TraceState
    {
        get => _trace?.State;
        init => _trace = TraceTexts.Of(TraceParent, value);
    }

    /// <summary>When the event stops being worth handling, in UTC; <see langword="null"/> for never. Kept to the millisecond.</summary>
    public DateTimeOffset? ExpiresAt
    {
        get => _expiresAt == 0 ? null : new(_expiresAt, TimeSpan.Zero);
        init => _expiresAt = value?.UtcTicks ?? 0;
    }

    /// <summary>The serialized event.</summary>
    public required ReadOnlyMemory<byte> Body { get; init; }

    /// <summary>A checksum of all this but the sequence, made and checked by the bus. A log keeps it and gives it back.</summary>
    public uint Checksum
    {
        get => _checksum;
        init => _checksum = value;
    }

    /// <summary>Gives a record that nobody else has yet its checksum, which is made of all the rest.</summary>
    internal void Seal(uint checksum) => _checksum = checksum;

    private sealed record TraceTexts(string? Parent, string? State)
    {
        public static TraceTexts? Of(string? parent, string? state) => parent is null && state is null ? null : new(parent, state);
    }
}
