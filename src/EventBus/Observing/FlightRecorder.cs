using EventBus.Timing;

namespace EventBus.Observing;

/// <inheritdoc cref="IFlightRecorder"/>
internal sealed class FlightRecorder(int capacity, Clock clock) : IBusObserver, IFlightRecorder
{
    private readonly FlightEntry?[] _ring = new FlightEntry?[capacity];
    private long _recorded;

    public int Capacity => capacity;

    public long Recorded => Volatile.Read(ref _recorded);

    public IReadOnlyList<FlightEntry> Entries => Kept(static (_, _) => true, "");

    public EventFlow Flow(string correlationId)
    {
        ArgumentNullException.ThrowIfNull(correlationId);
        return new(correlationId, Kept(static (entry, wanted) => entry.CorrelationId == wanted, correlationId));
    }

    public void Publishing(object @event, EventMetadata metadata, string? by) => Add(metadata, FlightEntryKind.Published, by);

    public void Published(EventMetadata metadata, IReadOnlyList<string> durable, Exception? failure)
    {
        if (failure is not null)
            Add(metadata, FlightEntryKind.PublishFailed, null, failure);
    }

    public void Accepting(object @event, EventMetadata delivery) => Add(delivery, FlightEntryKind.Accepted, delivery.Subscription);

    public void NotAccepted(EventMetadata delivery) => Add(delivery, FlightEntryKind.NotAccepted, delivery.Subscription);

    public void WaitingForRoom(EventMetadata delivery, bool begins)
    {
    }

    public void Settled(object @event, EventMetadata delivery, DeliveryFate fate, Exception? error, TimeSpan took, TimeSpan wait) =>
        Add(delivery, KindOf(fate), delivery.Subscription, error, took, wait);

    public void Parked(EventMetadata delivery)
    {
    }

    public void Ended(string subscription)
    {
    }

    private void Add(EventMetadata metadata, FlightEntryKind kind, string? subscription, Exception? error = null, TimeSpan took = default, TimeSpan wait = default)
    {
        var entry = new FlightEntry
        {
            Kind = kind,
            Time = clock.UtcNow,
            EventId = metadata.Id,
            EventType = metadata.Type,
            CorrelationId = metadata.CorrelationId,
            CausationId = metadata.CausationId,
            Subscription = subscription,
            Attempt = metadata.Attempt,
            Took = took,
            Wait = wait,
            ExceptionType = error?.GetType().FullName,
            Sequence = metadata.Sequence,
            IsReplay = metadata.IsReplay,
            Number = Interlocked.Increment(ref _recorded),
        };
        Keep(entry, ref _ring[(entry.Number - 1) % capacity]);
    }

    // Who was held up since it got its number may find a newer entry in its place, and must not put the old one there.
    private static void Keep(FlightEntry entry, ref FlightEntry? place)
    {
        var there = Volatile.Read(ref place);
        while (there is null || there.Number < entry.Number)
        {
            var found = Interlocked.CompareExchange(ref place, entry, there);
            if (ReferenceEquals(found, there))
                return;
            there = found;
        }
    }

    private List<FlightEntry> Kept(Func<FlightEntry, string, bool> which, string wanted)
    {
        var kept = new List<FlightEntry>();
        for (var i = 0; i < _ring.Length; i++)
        {
            if (Volatile.Read(ref _ring[i]) is { } entry && which(entry, wanted))
                kept.Add(entry);
        }

        kept.Sort(static (one, other) => one.Number.CompareTo(other.Number));
        return kept;
    }

    private static FlightEntryKind KindOf(DeliveryFate fate) => fate switch
    {
        DeliveryFate.Handled => FlightEntryKind.Handled,
        DeliveryFate.Failed => FlightEntryKind.Failed,
        DeliveryFate.Filtered => FlightEntryKind.Filtered,
        DeliveryFate.Expired => FlightEntryKind.Expired,
        DeliveryFate.Duplicate => FlightEntryKind.Duplicate,
        DeliveryFate.Dropped => FlightEntryKind.Dropped,
        DeliveryFate.DeadLettered => FlightEntryKind.DeadLettered,
        DeliveryFate.Retried => FlightEntryKind.Retried,
        _ => FlightEntryKind.Postponed,
    };
}
