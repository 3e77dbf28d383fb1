using System.Runtime.CompilerServices;
using EventBus.Events;
using EventBus.Settling;

namespace EventBus.Handling;

/// <summary>Calls an inline handler in the publisher's own scope, so that both share a unit of work.</summary>
internal sealed class CallerScopeCall<T>(
    Func<IServiceProvider, T, EventContext, CancellationToken, ValueTask> call,
    ScopedCall<T> withoutCaller) : AttemptStage<T>
{
    private readonly InScope _inScope = new(call);

    // Published from outside any scope there is none to share.
    public override ValueTask<Outcome> RunAsync(T @event, DeliveryContext context, CancellationToken cancellationToken) =>
        context.Origin?.Scope is null
            ? withoutCaller.RunAsync(@event, context, cancellationToken)
            : _inScope.RunAsync(@event, context, cancellationToken);

    private sealed class InScope(Func<IServiceProvider, T, EventContext, CancellationToken, ValueTask> call) : HandlerCall<T>
    {
        public override ValueTask<Outcome> RunAsync(T @event, DeliveryContext context, CancellationToken cancellationToken)
        {
            ValueTask handling;
            try
            {
                var scope = context.Origin!.Scope!;
                context.ShareScope(scope);
                handling = call(scope, @event, new EventContext(context), cancellationToken);
            }
            catch (Exception error)
            {
                handling = ValueTask.FromException(error);
            }

            var attempt = OutcomeOf(handling);
            if (!attempt.IsCompletedSuccessfully)
                return AwaitThenLeaveAsync(attempt, context);
            context.CloseScope();
            return attempt;
        }

        // The context goes on to the next handler, and later to other publishes: the scope is not theirs.
        [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
        private static async ValueTask<Outcome> AwaitThenLeaveAsync(ValueTask<Outcome> attempt, DeliveryContext context)
        {
            var outcome = await attempt.ConfigureAwait(false);
            context.CloseScope();
            return outcome;
        }
    }
}
