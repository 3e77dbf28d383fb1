using EventBus.Events;
using EventBus.Settling;

namespace EventBus.Handling;

/// <summary>One stage of an attempt. A subscription chains the stages it asked for once, when it is built; a stage that nobody
/// asked for is not there.</summary>
/// <remarks>Never throws: a failure is an <see cref="Outcome"/>.</remarks>
internal abstract class AttemptStage<T>
{
    public abstract ValueTask<Outcome> RunAsync(T @event, DeliveryContext context, CancellationToken cancellationToken);
}
