using EventBus.Events;
using EventBus.Settling;
using EventBus.Storage;
using Microsoft.Extensions.DependencyInjection;

namespace EventBus.DependencyInjection;

/// <summary>What all subscriptions of a bus are built from.</summary>
internal sealed record SubscriptionParts(
    EventNames Names,
    IIdempotencyStore IdempotencyStore,
    DeadLetterWriter DeadLetters,
    Func<Type, ServiceLifetime?> LifetimeOf);
