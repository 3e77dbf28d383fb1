using EventBus.Events;
using EventBus.Handling;
using EventBus.Settling;
using EventBus.Timing;

namespace EventBus.Testing;

/// <summary>Delivers again what was just handled, as a crash before its settlement would.</summary>
internal sealed class Twice<T>(AttemptStage<T> pipeline) : AttemptStage<T>
{
    public override async ValueTask<Outcome> RunAsync(T @event, DeliveryContext context, CancellationToken cancellationToken)
    {
        var first = await pipeline.RunAsync(@event, context, cancellationToken).AnyContext();
        if (first.Kind != OutcomeKind.Handled)
            return first;
        // The first is over: who kept its context is told so.
        context.Leave();
        var second = await pipeline.RunAsync(@event, context, cancellationToken).AnyContext();
        return second.Kind == OutcomeKind.Duplicate ? first : second;
    }
}
