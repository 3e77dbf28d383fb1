using EventBus.Events;
using EventBus.Storage;

namespace EventBus.DependencyInjection;

/// <summary>What was registered for one bus, by however many modules.</summary>
internal sealed class Registrations
{
    public List<SubscriptionPlan> Plans { get; } = [];

    public Dictionary<Type, EventTypeTraits> EventTypes { get; } = [];

    public List<Action<SubscriptionSettings>> Configurations { get; } = [];

    public List<IIdempotencyStore> IdempotencyStores { get; } = [];

    public List<IDeadLetterStore> DeadLetterStores { get; } = [];

    public List<Func<DeadLetter, CancellationToken, ValueTask>> Alerts { get; } = [];

    public TimeProvider? TimeProvider { get; set; }

    public long? Seed { get; set; }

    public void Add(SubscriptionPlan plan) => Plans.Add(plan);

    public void Add(Type eventType, EventTypeTraits traits) =>
        EventTypes[eventType] = EventTypes.TryGetValue(eventType, out var before)
            ? new(traits.Key ?? before.Key, traits.InlineConcurrently || before.InlineConcurrently)
            : traits;
}
