using EventBus.Handling;
using EventBus.Lifecycle;
using EventBus.Queueing;
using EventBus.Retrying;
using EventBus.Routing;
using EventBus.Settling;
using EventBus.Timing;

namespace EventBus.DependencyInjection;

/// <summary>Puts a subscription together from the stages that it asked for, and from no others.</summary>
internal sealed class SubscriptionPlan<T>(SubscriptionSettings settings, Type[] eventTypes, Type? handlerType, Func<CallParts, AttemptStage<T>> call)
    : SubscriptionPlan(settings, eventTypes, handlerType)
{
    public Func<T, bool>? Wanted;

    public Func<T, string?>? IdempotencyKey;

    public KeyedQueue<T>? Queue;

    public override Subscription Build(SubscriptionSettings settings, SubscriptionParts parts, Bus bus)
    {
        var counters = new SubscriptionCounters();
        var stage = call(new CallParts { Services = bus.Parts.Services, Settings = settings, Subscriptions = parts, Log = bus.Parts.Log });
        return settings.Mode == SubscriptionMode.Inline
            ? BuildInline(settings, counters, stage, bus)
            : BuildQueued(settings, counters, stage, parts, bus);
    }

    private InlineSubscription<T> BuildInline(SubscriptionSettings settings, SubscriptionCounters counters, AttemptStage<T> stage, Bus bus)
    {
        if (settings.Timeout is { } timeout && timeout != Timeout.InfiniteTimeSpan)
            stage = new InlineTimeoutStage<T>(settings.Name, timeout, bus.Parts.Timer, bus.Parts.Starter, stage);
        if (settings.Retry is { } policy && !ReferenceEquals(policy, RetryPolicy.None))
            stage = new InlineRetryStage<T>(policy, bus.Parts.Clock, bus.Parts.Chance, counters, stage);
        if (Wanted is not null)
            stage = new FilterStage<T>(Wanted, stage);
        return new InlineSubscription<T>(settings.Name, EventTypes, counters, stage) { OnDispose = bus.EndAsync, Description = () => SettingsText.Of(settings) };
    }

    private QueuedSubscription<T> BuildQueued(SubscriptionSettings settings, SubscriptionCounters counters, AttemptStage<T> stage, SubscriptionParts parts, Bus bus)
    {
        var concurrency = settings.Concurrency ?? SubscriptionSettings.DefaultConcurrency;
        var mayAbandon = settings.WhenStuck == StuckHandling.Abandon;
        var maxAbandoned = mayAbandon ? settings.MaxAbandoned ?? 1 : 0;
        var core = bus.Parts;
        IdempotencyStage<T>? idempotency = null;
        if (settings.IsIdempotent)
        {
            stage = idempotency = new IdempotencyStage<T>(
                settings.Name, parts.IdempotencyStore, IdempotencyKey, SubscriptionSettings.DefaultClaimLease,
                settings.IdempotencyWindow ?? SubscriptionSettings.DefaultIdempotencyWindow, concurrency + maxAbandoned, core.Clock, core.Log, stage);
        }

        if (Wanted is not null)
            stage = new FilterStage<T>(Wanted, stage);
        var budget = settings.RetriesPerSecond is { } rate ? new RetryBudget(rate, settings.RetryBurst ?? Math.Max(1, (int)rate)) : null;
        var timeout = settings.Timeout ?? SubscriptionSettings.DefaultTimeout;
        var stuckAfter = settings.StuckAfter ?? SubscriptionSettings.DefaultStuckAfter;
        QueuedSubscription<T>? subscription = null;
        var work = new Work<T>
        {
            Name = settings.Name,
            Host = bus,
            Queue = CreateQueue(settings, concurrency, parts, core.Timer),
            Pipeline = stage,
            Settler = new Settler(settings.Name, settings.Retry ?? RetryPolicy.Default, parts.DeadLetters, counters, core.Clock, core.Chance, core.Log),
            Budget = budget,
            Counters = counters,
            Clock = core.Clock,
            Timer = core.Timer,
            Starter = core.Starter,
            Idle = bus.Idle,
            Log = core.Log,
            AttemptTimeout = timeout,
            MayAbandon = mayAbandon,
            OnOrphanReturned = worker => subscription!.OnOrphanReturned(worker),
        };
        subscription = new QueuedSubscription<T>(work, EventTypes, concurrency, settings.StartsPaused, maxAbandoned, core.Log) { OnDispose = bus.EndAsync, Description = () => SettingsText.Of(settings) };
        if (timeout != Timeout.InfiniteTimeSpan || stuckAfter != Timeout.InfiniteTimeSpan || idempotency is not null)
        {
            work.Watch = new AttemptWatch(core.Timer, core.Starter, core.Clock, timeout, stuckAfter, idempotency, subscription.OnStuck);
            foreach (var worker in subscription.Workers)
                work.Watch.Add(worker.Seat);
        }

        return subscription;
    }

    private DeliveryQueue<T> CreateQueue(SubscriptionSettings settings, int concurrency, SubscriptionParts parts, DueTimer timer)
    {
        var capacity = settings.Capacity ?? SubscriptionSettings.DefaultCapacity;
        var limits = new QueueLimits(capacity, settings.Reserve ?? capacity, settings.MaxPerKey ?? Math.Max(1, capacity / 4), settings.WhenFull ?? FullQueue.Wait);
        var mayHaveKey = parts.Names.MayHaveKey(EventTypes);
        var keyed = settings.IsStrictlyOrdered ? KeyedQueue<T>.Strict()
            : Queue is not null ? Queue
            : mayHaveKey || concurrency > 1 ? KeyedQueue<T>.ByEventKey(mayHaveKey ? parts.Names.KeyOf : null)
            : null;
        return keyed is null ? new FifoQueue<T>(limits) : keyed.Create(limits, timer);
    }
}
