using EventBus.Handling;

namespace EventBus.DependencyInjection;

/// <summary>One event type of a subscription to several.</summary>
internal sealed record MultiBinding(Type EventType, Func<object, object?>? Key, Func<CallParts, AttemptStage<object>> Stage);
