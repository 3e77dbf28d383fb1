using EventBus.Storage;

namespace EventBus.Recording;

/// <summary>An event of a log in memory, in order of its sequence.</summary>
internal readonly record struct EventRow(long Sequence, LogRecord Record)
{
    public static IComparer<EventRow> Order { get; } = Comparer<EventRow>.Create(static (a, b) => a.Sequence.CompareTo(b.Sequence));
}

/// <summary>An id that a publisher gave, with the event that has it: found by id and source, the oldest event first.</summary>
internal readonly record struct GivenIdRow(string Id, string? Source, long Sequence)
{
    public static IComparer<GivenIdRow> Order { get; } = Comparer<GivenIdRow>.Create(static (a, b) =>
        string.CompareOrdinal(a.Id, b.Id) is var byId and not 0 ? byId
        : string.CompareOrdinal(a.Source, b.Source) is var bySource and not 0 ? bySource
        : a.Sequence.CompareTo(b.Sequence));
}

/// <summary>An unsettled delivery, in order of subscription, sequence and dead letter.</summary>
internal readonly record struct DeliveryRow(string Subscription, long Sequence, long DeadLetterId, LogDelivery? Delivery = null)
{
    public static IComparer<DeliveryRow> Order { get; } = Comparer<DeliveryRow>.Create(static (a, b) =>
        string.CompareOrdinal(a.Subscription, b.Subscription) is var byName and not 0 ? byName
        : a.Sequence.CompareTo(b.Sequence) is var bySequence and not 0 ? bySequence
        : a.DeadLetterId.CompareTo(b.DeadLetterId));
}

/// <summary>A dead letter, in order of its id.</summary>
internal readonly record struct DeadLetterRow(long Id, LogDeadLetter? Letter = null, bool IsRedriven = false)
{
    public static IComparer<DeadLetterRow> Order { get; } = Comparer<DeadLetterRow>.Create(static (a, b) => a.Id.CompareTo(b.Id));
}

/// <summary>A scheduled event, in order of due time and then of being added.</summary>
internal readonly record struct ScheduledRow(DateTimeOffset Due, long Number, LogScheduledEvent Scheduled)
{
    public static IComparer<ScheduledRow> Order { get; } = Comparer<ScheduledRow>.Create(static (a, b) =>
        a.Due.CompareTo(b.Due) is var byDue and not 0 ? byDue : a.Number.CompareTo(b.Number));
}

/// <summary>The id of a scheduled event, with its row: found by id, in order of being added.</summary>
internal readonly record struct ScheduledIdRow(string Id, long Number, ScheduledRow Row = default)
{
    public static IComparer<ScheduledIdRow> Order { get; } = Comparer<ScheduledIdRow>.Create(static (a, b) =>
        string.CompareOrdinal(a.Id, b.Id) is var byId and not 0 ? byId : a.Number.CompareTo(b.Number));
}

/// <summary>A claim or a completed delivery, until its time is over. Those of one scope and key, of whatever type and source, stand together.</summary>
/// <param name="Key">The delivery.</param>
/// <param name="Token">The owner's; 0 for a completed delivery.</param>
/// <param name="Until">In ticks of UTC.</param>
internal readonly record struct ClaimRow(IdempotencyKey Key, long Token = 0, long Until = 0)
{
    public static IComparer<ClaimRow> Order { get; } = Comparer<ClaimRow>.Create(static (a, b) => Compare(a.Key, b.Key));

    public static int Compare(in IdempotencyKey a, in IdempotencyKey b) =>
        string.CompareOrdinal(a.Scope, b.Scope) is var byScope and not 0 ? byScope
        : string.CompareOrdinal(a.Key, b.Key) is var byKey and not 0 ? byKey
        : string.CompareOrdinal(a.EventType, b.EventType) is var byType and not 0 ? byType
        : string.CompareOrdinal(a.Source, b.Source);
}

/// <summary>When a claim's time is over, in that order.</summary>
internal readonly record struct ClaimEndRow(long Until, IdempotencyKey Key)
{
    public static IComparer<ClaimEndRow> Order { get; } = Comparer<ClaimEndRow>.Create(static (a, b) =>
        a.Until.CompareTo(b.Until) is var byTime and not 0 ? byTime : ClaimRow.Compare(a.Key, b.Key));
}
