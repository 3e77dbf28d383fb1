using System.Collections.Immutable;
using EventBus.Storage;

namespace EventBus.Recording;

/// <summary>All that a log in memory holds at one moment. Never changed: readers keep the one that they began with, and a transaction makes the next one, which
/// shares all that it leaves alone.</summary>
internal sealed record LogContents
{
    public static LogContents Empty { get; } = new();

    public ImmutableSortedSet<EventRow> Events { get; init; } = ImmutableSortedSet.Create(EventRow.Order);

    public ImmutableSortedSet<GivenIdRow> GivenIds { get; init; } = ImmutableSortedSet.Create(GivenIdRow.Order);

    public ImmutableSortedDictionary<string, LogSubscription> Subscriptions { get; init; } = ImmutableSortedDictionary.Create<string, LogSubscription>(StringComparer.Ordinal);

    public ImmutableSortedSet<DeliveryRow> Deliveries { get; init; } = ImmutableSortedSet.Create(DeliveryRow.Order);

    public ImmutableSortedSet<DeadLetterRow> DeadLetters { get; init; } = ImmutableSortedSet.Create(DeadLetterRow.Order);

    public ImmutableSortedSet<ScheduledRow> Scheduled { get; init; } = ImmutableSortedSet.Create(ScheduledRow.Order);

    public ImmutableSortedSet<ScheduledIdRow> ScheduledIds { get; init; } = ImmutableSortedSet.Create(ScheduledIdRow.Order);

    public ImmutableSortedSet<ClaimRow> Claims { get; init; } = ImmutableSortedSet.Create(ClaimRow.Order);

    public ImmutableSortedSet<ClaimEndRow> ClaimEnds { get; init; } = ImmutableSortedSet.Create(ClaimEndRow.Order);

    /// <summary>The greatest sequence of a committed transaction.</summary>
    public long Head { get; init; }

    /// <summary>What the bodies and texts of events, dead letters and scheduled events take.</summary>
    public long Bytes { get; init; }

    public static long SizeOf(LogRecord record) =>
        record.Body.Length + (sizeof(char) * (record.Id.Length + record.Type.Length + LengthOf(record.Source) + LengthOf(record.Subject)
            + LengthOf(record.Key) + LengthOf(record.CorrelationId) + LengthOf(record.CausationId) + LengthOf(record.Headers)));

    private static long LengthOf(string? text) => text?.Length ?? 0;
}
