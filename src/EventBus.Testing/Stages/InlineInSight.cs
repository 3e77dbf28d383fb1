using EventBus.Events;
using EventBus.Handling;
using EventBus.Observing;
using EventBus.Settling;
using EventBus.Timing;

namespace EventBus.Testing;

/// <summary>An inline delivery, all its attempts included: writes down that it began and what came of it.</summary>
internal sealed class InlineInSight<T>(string subscription, Life life, AttemptStage<T> pipeline) : AttemptStage<T>
{
    public override async ValueTask<Outcome> RunAsync(T @event, DeliveryContext context, CancellationToken cancellationToken)
    {
        var metadata = Described.Of(context.Host, @event!, context.Stamp, context.Details, subscription);
        life.Accepting(@event!, metadata);
        var outcome = await pipeline.RunAsync(@event, context, cancellationToken).AnyContext();
        if (outcome.Error is null)
            life.Settled(@event!, metadata, outcome.Kind == OutcomeKind.Filtered ? DeliveryFate.Filtered : DeliveryFate.Handled, null, TimeSpan.Zero);
        else
            life.History.FailInline(metadata);
        return outcome;
    }
}
