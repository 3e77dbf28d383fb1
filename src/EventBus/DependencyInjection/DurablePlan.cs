using EventBus.Checkpointing;
using EventBus.Events;
using EventBus.Lifecycle;
using EventBus.Queueing;
using EventBus.Recording;
using EventBus.Routing;
using EventBus.Settling;
using EventBus.Storage;

namespace EventBus.DependencyInjection;

/// <summary>Puts a durable subscription together, and at each start its feed, its queue and its workers.</summary>
internal sealed class DurablePlan<T>(SubscriptionPlan<T> plan, SubscriptionSettings settings, SubscriptionCounters counters, SubscriptionParts parts, Bus bus)
{
    // A queue gives room back in batches, and what the feed lets in it must take.
    private const int QueueSlack = 4;

    private readonly Func<T, EventDetails, string?> _keyOf = KeyOf(plan, settings, parts);

    private int Capacity => settings.Capacity ?? SubscriptionSettings.DefaultCapacity;

    public DurableSubscription<T> Build()
    {
        var registry = bus.Parts.EventLog!.Recorder.Codec.Types;
        return new(settings.Name, plan.EventTypes, counters, settings.StartsPaused, Begin, _keyOf)
        {
            OnDispose = bus.EndAsync,
            Description = () => SettingsText.Of(settings),
            StartFrom = settings.StartFrom,
            FormerNames = settings.FormerNames,
            EventTypeNames = [.. plan.EventTypes.Select(type => registry.TryGet(type, out var stored) ? stored.Name : null).OfType<string>()],
        };
    }

    private static Func<T, EventDetails, string?> KeyOf(SubscriptionPlan<T> plan, SubscriptionSettings settings, SubscriptionParts parts)
    {
        if (settings.IsStrictlyOrdered)
            return static (_, _) => "";
        if (plan.DurableKey is { } key)
            return (@event, _) => AttributeLimits.Key(KeyText.WellFormed(key(@event)));
        if (!plan.MayHaveKeys(parts))
            return static (_, details) => details.Key;
        var names = parts.Names;
        return (@event, details) => details.Key ?? AttributeLimits.Key(KeyText.WellFormed(names.KeyOf(@event!)));
    }

    private DurableRun<T> Begin(LogSession session, LogSubscription state, IReadOnlyList<LogDelivery> deliveries, bool isCareful)
    {
        var core = bus.Parts;
        var limits = new QueueLimits(Capacity * QueueSlack, Capacity * QueueSlack, Capacity * QueueSlack, QueueFullMode.Wait);
        var inHand = new KeyInHand();
        var queue = new DurableQueue<T>(CreateQueue(limits, inHand), inHand, limits);
        FeedDeadLetters? letters = null;
        var deadLetters = new DeadLetterWriter((letter, retry) => letters!.KeepAsync(letter, retry), parts.DeadLetters.Alerts, core.Clock, core.Log);
        var feedParts = new FeedParts<T>
        {
            Subscription = settings.Name,
            Session = session,
            Host = bus,
            Clock = core.Clock,
            Timer = core.Timer,
            Idle = bus.Idle,
            Log = core.Log,
            Counters = counters,
            Wants = new WantedTypes(plan.EventTypes).Contains,
            Names = session.Codec.Types.NamesFor(plan.EventTypes),
            KeyOf = _keyOf,
            Budget = SubscriptionPlan<T>.BudgetOf(settings),
            Capacity = Capacity,
            Concurrency = settings.Concurrency ?? SubscriptionSettings.DefaultConcurrency,
            MaxParked = settings.MaxParked ?? SubscriptionSettings.DefaultMaxParked,
            Bury = deadLetters.WriteAsync,
        };
        var feed = new Feed<T>(feedParts, queue, state, deliveries, isCareful);
        letters = new FeedDeadLetters(feed.Writer, session);
        queue.Feed = feed;
        // Also after its end: a delivery of it may still wait, or come back from the dead letters.
        var replayScope = state.ReplayEnd > 0 ? $"{settings.Name}/replay-{state.Generation}" : null;
        var workers = plan.BuildWorkers(settings, counters, plan.CallOf(settings, parts, bus), parts, bus, queue, deadLetters, stage => isCareful ? new CarefulStage<T>(feed, stage) : stage, replayScope);
        return new(session, feed, workers);
    }

    private DeliveryQueue<T> CreateQueue(QueueLimits limits, KeyInHand inHand) =>
        settings.Concurrency is > 1 ? KeyedQueue<T>.ByKeyInHand(inHand).Create(limits, bus.Parts.Timer) : new FifoQueue<T>(limits);
}
