using EventBus.Events;
using EventBus.Settling;

namespace EventBus.Handling;

/// <summary>Settles what the subscription does not want. A predicate that throws is a failed attempt.</summary>
internal sealed class FilterStage<T>(Func<T, bool> wanted, AttemptStage<T> next) : AttemptStage<T>
{
    public override ValueTask<Outcome> RunAsync(T @event, DeliveryContext context, CancellationToken cancellationToken)
    {
        try
        {
            if (!wanted(@event))
                return new(Outcome.Filtered);
        }
        catch (Exception error)
        {
            return new(Outcome.Failed(error));
        }

        return next.RunAsync(@event, context, cancellationToken);
    }
}
