using System.Runtime.CompilerServices;
using EventBus.Events;
using EventBus.Timing;

namespace EventBus.Handling;

/// <summary>Calls an inline handler in the publisher's own scope, so that both share a unit of work.</summary>
internal sealed class CallerScopeCall<T>(
    Func<IServiceProvider, T, EventContext, CancellationToken, ValueTask> call,
    ScopedCall<T> withoutCaller) : HandlerCall<T>
{
    public override ValueTask CallAsync(T @event, DeliveryContext context, CancellationToken cancellationToken)
    {
        // Published from outside any scope there is none to share.
        if (context.Origin?.Scope is not { } scope)
            return withoutCaller.CallAsync(@event, context, cancellationToken);
        ValueTask pending;
        try
        {
            context.ShareScope(scope);
            pending = call(scope, @event, new EventContext(context), cancellationToken);
        }
        catch
        {
            context.CloseScope();
            throw;
        }

        if (!pending.IsCompletedSuccessfully)
            return AwaitThenLeaveAsync(pending, context);
        context.CloseScope();
        return pending;
    }

    // The context goes on to the next handler, and later to other publishes: the scope is not theirs.
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    private static async ValueTask AwaitThenLeaveAsync(ValueTask pending, DeliveryContext context)
    {
        try
        {
            await pending.AnyContext();
        }
        finally
        {
            context.CloseScope();
        }
    }
}
