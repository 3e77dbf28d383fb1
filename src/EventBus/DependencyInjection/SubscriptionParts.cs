using EventBus.Events;
using EventBus.Settling;
using EventBus.Storage;
using EventBus.Timing;
using Microsoft.Extensions.DependencyInjection;

namespace EventBus.DependencyInjection;

/// <summary>What all subscriptions of a bus are built from.</summary>
internal sealed class SubscriptionParts(EventNames names, IIdempotencyStore? idempotencyStore, DeadLetterWriter deadLetters, IServiceCollection? descriptors, Clock clock)
{
    public readonly EventNames Names = names;
    public readonly DeadLetterWriter DeadLetters = deadLetters;
    private IIdempotencyStore? _idempotencyStore = idempotencyStore;

    /// <summary>The store that the application chose, or one that is made for the first subscription that needs it.</summary>
    public IIdempotencyStore IdempotencyStore => _idempotencyStore ??= new InMemoryIdempotencyStore(timeProvider: clock.Provider);

    /// <summary>The lifetime of a type, as it stands in the container: the last registration is the one that is resolved.</summary>
    public ServiceLifetime? LifetimeOf(Type type)
    {
        for (var i = (descriptors?.Count ?? 0) - 1; i >= 0; i--)
        {
            if (descriptors![i] is { IsKeyedService: false } descriptor && descriptor.ServiceType == type)
                return descriptor.Lifetime;
        }

        return null;
    }
}
