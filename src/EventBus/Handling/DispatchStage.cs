using System.Collections.Concurrent;
using EventBus.Events;
using EventBus.Settling;

namespace EventBus.Handling;

/// <summary>In a subscription of several event types, picks the stage of the most specific one, so that an event is handled once
/// however many of its base types the handler knows.</summary>
internal sealed class DispatchStage(IReadOnlyList<KeyValuePair<Type, AttemptStage<object>>> stages) : AttemptStage<object>
{
    private readonly ConcurrentDictionary<Type, AttemptStage<object>> _byRuntimeType = new();

    public override ValueTask<Outcome> RunAsync(object @event, DeliveryContext context, CancellationToken cancellationToken) =>
        (_byRuntimeType.TryGetValue(@event.GetType(), out var stage) ? stage : Find(@event.GetType()))
            .RunAsync(@event, context, cancellationToken);

    private AttemptStage<object> Find(Type runtimeType) => _byRuntimeType.GetOrAdd(runtimeType, MostSpecific.Of(runtimeType, stages));
}
