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

/// <summary>A claim or a completed delivery, until its time is over.</summary>
/// <param name="Token">The owner's; 0 for a completed delivery.</param>
/// <param name="Until">In ticks of UTC.</param>
internal readonly record struct ClaimRow(long Token, long Until);

/// <summary>When a claim's time is over, in that order.</summary>
internal readonly record struct ClaimEndRow(long Until, IdempotencyKey Key)
{
    public static IComparer<ClaimEndRow> Order { get; } = Comparer<ClaimEndRow>.Create(static (a, b) =>
        a.Until.CompareTo(b.Until) is var byTime and not 0 ? byTime
        : string.CompareOrdinal(a.Key.Scope, b.Key.Scope) is var byScope and not 0 ? byScope
        : string.CompareOrdinal(a.Key.Key, b.Key.Key));
}
