using EventBus.Checkpointing;
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

    /// <summary>The key of its events as text, where it reads one.</summary>
    public Func<T, string?>? DurableKey;

    public override Subscription Build(SubscriptionSettings settings, SubscriptionParts parts, Bus bus)
    {
        var counters = new SubscriptionCounters();
        return settings.Mode switch
        {
            DeliveryMode.Inline => BuildInline(settings, counters, CallOf(settings, parts, bus), bus),
            DeliveryMode.Durable => parts.Log!.BuildDurable(this, settings, counters, parts, bus),
            _ => BuildWorkers(settings, counters, CallOf(settings, parts, bus), parts, bus, CreateQueue(settings, parts, bus.Parts.Timer), parts.DeadLetters),
        };
    }

    public override Subscription BuildDurable(SubscriptionSettings settings, SubscriptionCounters counters, SubscriptionParts parts, Bus bus) =>
        new DurablePlan<T>(this, settings, counters, parts, bus).Build();

    /// <summary>Whether its events keep some order by key.</summary>
    public bool MayHaveKeys(SubscriptionParts parts) => parts.Names.MayHaveKey(EventTypes);

    public AttemptStage<T> CallOf(SubscriptionSettings settings, SubscriptionParts parts, Bus bus)
    {
        var stage = call(new CallParts { Services = bus.Parts.Services, Settings = settings, Subscriptions = parts, Log = bus.Parts.Log, Telemetry = new(bus.Parts.Telemetry, settings.Name, settings.SharedName ?? settings.Name, settings.Mode == DeliveryMode.Inline) });
        return bus.Parts.Harness is { } harness ? harness.AroundCall(settings, stage) : stage;
    }

    private InlineSubscription<T> BuildInline(SubscriptionSettings settings, SubscriptionCounters counters, AttemptStage<T> stage, Bus bus)
    {
        if (settings.Timeout is { } timeout && timeout != Timeout.InfiniteTimeSpan)
            stage = new InlineTimeoutStage<T>(settings.Name, timeout, bus.Parts.Timer, bus.Parts.Starter, bus.Idle, stage);
        if (settings.Retry is { } policy && !ReferenceEquals(policy, RetryPolicy.None))
            stage = new InlineRetryStage<T>(settings.Name, policy, bus.Parts.Clock, bus.Parts.Chance, counters, bus.Parts.Log, stage);
        if (Wanted is not null)
            stage = new FilterStage<T>(Wanted, stage);
        if (bus.Parts.Harness is { } harness)
            stage = harness.AroundDelivery(settings, stage);
        if (bus.Parts.Observer is { } observer)
            stage = new ObservedInline<T>(settings.Name, observer, bus.Parts.Clock, stage);
        return new InlineSubscription<T>(settings.Name, EventTypes, counters, stage) { OnDispose = bus.EndAsync, IsOfOneType = IsOfOneType, IsOneOfMany = settings.SharedName is not null, Description = () => SettingsText.Of(settings) };
    }

    /// <summary>Puts together workers and what they need.</summary>
    /// <param name="settings">The settings.</param>
    /// <param name="counters">Counts what becomes of deliveries.</param>
    /// <param name="stage">The call of the handler.</param>
    /// <param name="parts">What all subscriptions share.</param>
    /// <param name="bus">The bus.</param>
    /// <param name="queue">Where the deliveries come from.</param>
    /// <param name="deadLetters">Where they go when they are given up.</param>
    /// <param name="around">Puts further stages around the call, within the recognition of what was handled before: that is not attempted again.</param>
    /// <param name="replayScope">Under which name a replay recognises what it has handled; none where there is no replay.</param>
    public QueuedSubscription<T> BuildWorkers(
        SubscriptionSettings settings,
        SubscriptionCounters counters,
        AttemptStage<T> stage,
        SubscriptionParts parts,
        Bus bus,
        DeliveryQueue<T> queue,
        DeadLetterWriter deadLetters,
        Func<AttemptStage<T>, AttemptStage<T>>? around = null,
        string? replayScope = null)
    {
        var concurrency = settings.Concurrency ?? SubscriptionSettings.DefaultConcurrency;
        var mayAbandon = settings.WhenStuck == StuckHandlerAction.Abandon;
        var maxAbandoned = mayAbandon ? settings.MaxAbandoned ?? 1 : 0;
        var core = bus.Parts;
        IWatched? watched = null;
        if (around is not null)
            stage = around(stage);
        if (settings.IsIdempotent)
        {
            var idempotency = new IdempotencyStage<T>(
                settings.Name, parts.IdempotencyStoreFor(settings.Mode), IdempotencyKey, SubscriptionSettings.DefaultClaimLease,
                settings.IdempotencyWindow ?? SubscriptionSettings.DefaultIdempotencyWindow, concurrency + maxAbandoned, core.Clock, core.Log, stage);
            watched = idempotency;
            if (replayScope is null)
            {
                stage = idempotency;
            }
            else
            {
                var replay = new ReplayStage<T>(idempotency.InScope(replayScope), idempotency);
                watched = replay;
                stage = replay;
            }
        }

        if (Wanted is not null)
            stage = new FilterStage<T>(Wanted, stage);
        if (core.Harness is { } harness)
            stage = harness.AroundDelivery(settings, stage);
        if (core.Observer is not null)
            stage = new ObservedDelivery<T>(stage);
        var budget = BudgetOf(settings);
        var timeout = settings.Timeout ?? SubscriptionSettings.DefaultTimeout;
        var stuckAfter = settings.StuckAfter ?? SubscriptionSettings.DefaultStuckAfter;
        // A durable subscription is paused as it was left, not as it began: it says so to each run's workers itself.
        var startsPaused = settings.StartsPaused && settings.Mode == DeliveryMode.Queued;
        QueuedSubscription<T>? subscription = null;
        var work = new Work<T>
        {
            Name = settings.Name,
            Host = bus,
            Queue = queue,
            Pipeline = stage,
            Settler = SettlerOf(settings, counters, deadLetters, bus),
            Budget = budget,
            Counters = counters,
            Clock = core.Clock,
            Timer = core.Timer,
            Starter = core.Starter,
            Idle = bus.Idle,
            Log = core.Log,
            AttemptTimeout = timeout,
            MayAbandon = mayAbandon,
            OnOrphanReturned = (worker, error) => subscription!.OnOrphanReturned(worker, error),
        };
        subscription = new QueuedSubscription<T>(work, EventTypes, concurrency, startsPaused, maxAbandoned, core.Log) { OnDispose = bus.EndAsync, IsOfOneType = IsOfOneType, IsOneOfMany = settings.SharedName is not null, Description = () => SettingsText.Of(settings) };
        if (timeout != Timeout.InfiniteTimeSpan || stuckAfter != Timeout.InfiniteTimeSpan || watched is not null)
        {
            work.Watch = new AttemptWatch(core.Timer, core.Starter, core.Clock, bus.Idle, timeout, stuckAfter, watched, subscription.OnStuck);
            foreach (var worker in subscription.Workers)
                work.Watch.Add(worker.Seat);
        }

        return subscription;
    }

    public static RetryBudget? BudgetOf(SubscriptionSettings settings) =>
        settings.RetriesPerSecond is { } rate ? new RetryBudget(rate, settings.RetryBurst ?? Math.Max(1, (int)rate)) : null;

    private static ISettler SettlerOf(SubscriptionSettings settings, SubscriptionCounters counters, DeadLetterWriter deadLetters, Bus bus)
    {
        var core = bus.Parts;
        var settler = new Settler(settings.Name, settings.Retry ?? SubscriptionSettings.DefaultRetry(settings.Mode), deadLetters, counters, core.Clock, core.Chance, core.Log);
        return core.Observer is { } observer ? new ObservedSettler(settler, settings.Name, bus, observer, bus.Idle) : settler;
    }

    private DeliveryQueue<T> CreateQueue(SubscriptionSettings settings, SubscriptionParts parts, DueTimer timer)
    {
        var concurrency = settings.Concurrency ?? SubscriptionSettings.DefaultConcurrency;
        var capacity = settings.Capacity ?? SubscriptionSettings.DefaultCapacity;
        var limits = new QueueLimits(capacity, settings.Reserve ?? capacity, settings.MaxPerKey ?? Math.Max(1, capacity / 4), settings.WhenFull ?? QueueFullMode.Wait);
        var mayHaveKey = MayHaveKeys(parts);
        var keyed = settings.IsStrictlyOrdered ? KeyedQueue<T>.Strict()
            : Queue is not null ? Queue
            : mayHaveKey || concurrency > 1 ? KeyedQueue<T>.ByEventKey(mayHaveKey ? parts.Names.KeyOf : null)
            : null;
        return keyed is null ? new FifoQueue<T>(limits) : keyed.Create(limits, timer);
    }
}
