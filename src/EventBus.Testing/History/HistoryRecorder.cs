using EventBus.Observing;

namespace EventBus.Testing;

/// <summary>Writes down what a bus tells, and knows from that alone whether anything of an event or of a conversation is left to do.</summary>
internal sealed class HistoryRecorder
{
    private readonly TestClock _clock;
    private readonly List<RecordedEvent> _events = [];
    private readonly Dictionary<string, List<RecordedEvent>> _byId = new(StringComparer.Ordinal);
    private readonly Dictionary<string, List<RecordedEvent>> _byCause = new(StringComparer.Ordinal);
    private readonly HashSet<string> _durable = new(StringComparer.Ordinal);
    private long _settled;

    public HistoryRecorder(TestClock clock)
    {
        _clock = clock;
        History = new EventHistory(this);
    }

    public object Gate { get; } = new();

    public EventHistory History { get; }

    // All below: with the lock held, unless they take it.

    public IReadOnlyList<RecordedEvent> Events => _events;

    public RecordedEvent? CauseOf(RecordedEvent effect) =>
        effect.Metadata.CausationId is { } cause && _byId.TryGetValue(cause, out var causes) ? causes.LastOrDefault(known => !ReferenceEquals(known, effect)) : null;

    public IReadOnlyList<RecordedEvent> EffectsOf(RecordedEvent cause) =>
        _byCause.TryGetValue(cause.Metadata.Id, out var effects) ? [.. effects.Where(effect => ReferenceEquals(CauseOf(effect), cause))] : [];

    public RecordedEvent Publishing(object @event, EventMetadata metadata)
    {
        lock (Gate)
        {
            // Of a batch that is committed at once, the first may be delivered before the last is told of.
            var recorded = _byId.TryGetValue(metadata.Id, out var known) && known[^1] is { IsFound: true } found ? found : Add(@event, metadata);
            recorded.IsFound = false;
            recorded.Publishers++;
            return recorded;
        }
    }

    public void Published(RecordedEvent recorded, EventMetadata metadata, IReadOnlyList<string> durable, Exception? failure)
    {
        lock (Gate)
        {
            recorded.Publishers = Math.Max(0, recorded.Publishers - 1);
            recorded.PublishError = failure;
            foreach (var subscription in metadata.Sequence is null ? [] : durable)
            {
                // Its worker may have been quicker. And an event that was in the log before is not delivered again.
                if (!All(metadata.Id, subscription).Any(known => known.Sequence == metadata.Sequence))
                    New(recorded, metadata with { Subscription = subscription });
            }
        }
    }

    public void Accepting(object @event, EventMetadata metadata)
    {
        lock (Gate)
            New(EventOf(@event, metadata), metadata);
    }

    public void NotAccepted(EventMetadata metadata)
    {
        lock (Gate)
        {
            if (All(metadata.Id, metadata.Subscription).LastOrDefault(static known => known.State == DeliveryState.Waiting) is { } refused)
                refused.Event.DeliveryList.Remove(refused);
        }
    }

    public (RecordedDelivery Delivery, RecordedAttempt Attempt) Begin(object @event, EventMetadata metadata)
    {
        lock (Gate)
        {
            // An inline delivery waits for its retry within its call.
            var delivery = Find(metadata, static known => known.State is DeliveryState.Waiting or DeliveryState.Retrying)
                ?? Find(metadata, static known => known is { State: DeliveryState.Running, Latest.IsOver: true })
                ?? New(EventOf(@event, metadata), metadata);
            return (delivery, delivery.Begin(metadata.Attempt, _clock.GetUtcNow()));
        }
    }

    public void End(RecordedAttempt attempt, Exception? error)
    {
        lock (Gate)
        {
            attempt.Error = error;
            attempt.IsOver = true;
        }
    }

    public void Settle(object @event, EventMetadata metadata, DeliveryFate fate, Exception? error, TimeSpan wait)
    {
        lock (Gate)
        {
            var buried = fate == DeliveryFate.DeadLettered ? All(metadata.Id, metadata.Subscription).LastOrDefault(static known => known.State == DeliveryState.DeadLettered) : null;
            var delivery = buried
                ?? Find(metadata, static known => known.State == DeliveryState.Running)
                ?? Find(metadata, static known => !known.IsSettled)
                ?? New(EventOf(@event, metadata), metadata);
            // A timeout is what the bus makes of a cancelled handler.
            if (error is not null && delivery is { State: DeliveryState.Running or DeliveryState.DeadLettered, Latest: { } latest } && latest.Number == metadata.Attempt)
                (latest.Error, latest.IsOver) = (error, true);
            if (buried is not null)
                return;
            delivery.State = StateOf(fate);
            delivery.DueTime = delivery.State == DeliveryState.Retrying ? _clock.GetUtcNow() + wait : null;
            delivery.IsParking = delivery.State == DeliveryState.Retrying;
            if (delivery.IsSettled)
                delivery.SettledAs = ++_settled;
        }
    }

    public void Park(EventMetadata metadata)
    {
        lock (Gate)
        {
            if (Find(metadata, static known => known.IsParking) is { } parked)
                parked.IsParking = false;
        }
    }

    public void FailInline(EventMetadata metadata)
    {
        lock (Gate)
        {
            if (Find(metadata, static known => !known.IsSettled) is not { } delivery)
                return;
            End(delivery, DeliveryState.Failed);
        }
    }

    public void Bury(DeadLetter letter)
    {
        lock (Gate)
        {
            var delivery = Find(letter.Metadata, static known => known.State == DeliveryState.Running) ?? Find(letter.Metadata, static known => !known.IsSettled) ?? New(EventOf(letter.Event, letter.Metadata), letter.Metadata);
            delivery.DeadLetter = letter;
            End(delivery, DeliveryState.DeadLettered);
        }
    }

    public void KnowDurable(string subscription)
    {
        lock (Gate)
            _durable.Add(subscription);
    }

    /// <summary>A subscription has ended. What is in the log is kept there.</summary>
    public void Drop(string subscription)
    {
        lock (Gate)
        {
            foreach (var delivery in Unsettled().Where(delivery => delivery.Subscription == subscription && !_durable.Contains(subscription)))
                End(delivery, DeliveryState.Dropped);
        }
    }

    /// <summary>The process has died. What is in the log comes again.</summary>
    public void LoseAllButDurable()
    {
        lock (Gate)
        {
            foreach (var delivery in Unsettled())
            {
                if (_durable.Contains(delivery.Subscription))
                    delivery.State = DeliveryState.Waiting;
                else
                    End(delivery, DeliveryState.Lost);
            }

            _events.ForEach(static recorded => recorded.Publishers = 0);
        }
    }

    /// <summary>Whether nothing of these events can be done before time passes.</summary>
    public bool IsIdle(Func<RecordedEvent, bool> which)
    {
        lock (Gate)
            return !_events.Exists(recorded => which(recorded) && (recorded.Publishers > 0 || recorded.DeliveryList.Exists(CanGoOn)));
    }

    /// <summary>Whether nothing of an event, and of all that it led to, can be done before time passes.</summary>
    public bool IsIdle(RecordedEvent root)
    {
        lock (Gate)
            return root.Publishers == 0 && !root.DeliveryList.Exists(CanGoOn) && EffectsOf(root).All(IsIdle);
    }

    public void Clear()
    {
        lock (Gate)
        {
            _events.RemoveAll(static recorded => recorded.Publishers == 0 && recorded.DeliveryList.TrueForAll(static delivery => delivery.IsSettled));
            _byId.Clear();
            _byCause.Clear();
            _events.ForEach(Index);
        }
    }

    private void End(RecordedDelivery delivery, DeliveryState state)
    {
        delivery.State = state;
        delivery.SettledAs = ++_settled;
    }

    private List<RecordedDelivery> Unsettled() => [.. _events.SelectMany(static recorded => recorded.DeliveryList).Where(static delivery => !delivery.IsSettled)];

    private static DeliveryState StateOf(DeliveryFate fate) => fate switch
    {
        DeliveryFate.Handled => DeliveryState.Handled,
        DeliveryFate.Filtered => DeliveryState.Filtered,
        DeliveryFate.Expired => DeliveryState.Expired,
        DeliveryFate.Duplicate => DeliveryState.Duplicate,
        DeliveryFate.Dropped => DeliveryState.Dropped,
        DeliveryFate.DeadLettered => DeliveryState.DeadLettered,
        _ => DeliveryState.Retrying,
    };

    private bool CanGoOn(RecordedDelivery delivery) =>
        delivery.State is DeliveryState.Waiting or DeliveryState.Running || (delivery.State == DeliveryState.Retrying && (delivery.IsParking || delivery.DueTime <= _clock.GetUtcNow()));

    // An event that this history was not told of comes from a log that others have written.
    private RecordedEvent EventOf(object @event, EventMetadata metadata)
    {
        if (_byId.TryGetValue(metadata.Id, out var known))
            return known[^1];
        var found = Add(@event, metadata with { Subscription = "", Attempt = 1 });
        found.IsFound = true;
        return found;
    }

    private IEnumerable<RecordedDelivery> All(string id, string subscription) =>
        _byId.TryGetValue(id, out var known) ? known.SelectMany(static recorded => recorded.DeliveryList).Where(delivery => delivery.Subscription == subscription) : [];

    private RecordedDelivery? Find(EventMetadata metadata, Func<RecordedDelivery, bool> which) => All(metadata.Id, metadata.Subscription).FirstOrDefault(which);

    private RecordedDelivery New(RecordedEvent recorded, EventMetadata metadata)
    {
        var delivery = new RecordedDelivery(Gate, recorded, metadata);
        recorded.DeliveryList.Add(delivery);
        return delivery;
    }

    private RecordedEvent Add(object @event, EventMetadata metadata)
    {
        var recorded = new RecordedEvent(History, @event, metadata);
        _events.Add(recorded);
        Index(recorded);
        return recorded;
    }

    private void Index(RecordedEvent recorded)
    {
        List(_byId, recorded.Metadata.Id).Add(recorded);
        if (recorded.Metadata.CausationId is { } cause)
            List(_byCause, cause).Add(recorded);
    }

    private static List<RecordedEvent> List(Dictionary<string, List<RecordedEvent>> lists, string id) =>
        lists.TryGetValue(id, out var list) ? list : lists[id] = [];
}
