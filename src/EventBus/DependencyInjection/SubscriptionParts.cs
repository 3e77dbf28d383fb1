using EventBus.Events;
using EventBus.Settling;
using EventBus.Storage;
using EventBus.Timing;
using Microsoft.Extensions.DependencyInjection;

namespace EventBus.DependencyInjection;

/// <summary>What all subscriptions of a bus are built from.</summary>
internal sealed class SubscriptionParts(
    EventNames names,
    IIdempotencyStore? chosenStore,
    LogAssembly? log,
    IIdempotencyStore? logStore,
    DeadLetterWriter deadLetters,
    IServiceCollection? descriptors,
    MissingServices missing,
    List<Middleware> middleware,
    bool scopesAreOneObject,
    Clock clock)
{
    public readonly EventNames Names = names;

    /// <summary>Knows what the container cannot make.</summary>
    public readonly MissingServices Missing = missing;

    public readonly DeadLetterWriter DeadLetters = deadLetters;

    /// <summary>Builds what needs a log; none where there is none.</summary>
    public readonly LogAssembly? Log = log;

    /// <summary>What stands around the attempts of all subscriptions: of the bus, then of event types.</summary>
    public readonly List<Middleware> Middleware = middleware;

    /// <inheritdoc cref="Lifecycle.BusParts.ScopesAreOneObject"/>
    public readonly bool ScopesAreOneObject = scopesAreOneObject;

    private IIdempotencyStore? _inMemory;

    /// <summary>The store that the application chose; else the log for what is delivered from there, and memory, made for the first subscription that needs it, for
    /// what is lost with the process anyway.</summary>
    public IIdempotencyStore IdempotencyStoreFor(DeliveryMode mode) =>
        chosenStore ?? (mode == DeliveryMode.Durable ? logStore : null) ?? _inMemory ?? MakeInMemory();

    /// <summary>The lifetime of a type, as it stands in the container: the last registration is the one that is resolved.</summary>
    public ServiceLifetime? LifetimeOf(Type type) =>
        LastOf(type) ?? (type.IsConstructedGenericType ? LastOf(type.GetGenericTypeDefinition()) : null);

    // Subscriptions may come from several threads at once.
    private IIdempotencyStore MakeInMemory()
    {
        Interlocked.CompareExchange(ref _inMemory, new InMemoryIdempotencyStore(timeProvider: clock.Provider), null);
        return _inMemory;
    }

    private ServiceLifetime? LastOf(Type type)
    {
        for (var i = (descriptors?.Count ?? 0) - 1; i >= 0; i--)
        {
            if (descriptors![i] is { IsKeyedService: false } descriptor && descriptor.ServiceType == type)
                return descriptor.Lifetime;
        }

        return null;
    }
}
