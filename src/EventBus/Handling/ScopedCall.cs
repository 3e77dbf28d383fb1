using System.Runtime.CompilerServices;
using EventBus.Events;
using EventBus.Observing;
using EventBus.Timing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace EventBus.Handling;

/// <summary>Calls a handler in a scope of its own, which lives until the handler has really returned.</summary>
/// <param name="scopes">Makes the scope.</param>
/// <param name="call">Takes what the handler needs from the scope and calls it.</param>
/// <param name="log">Is told of a scope that cannot be disposed.</param>
internal sealed class ScopedCall<T>(
    IServiceScopeFactory scopes,
    Func<IServiceProvider, T, EventContext, CancellationToken, ValueTask> call,
    ILogger log) : HandlerCall<T>
{
    public override ValueTask CallAsync(T @event, DeliveryContext context, CancellationToken cancellationToken)
    {
        var scope = scopes.CreateScope();
        ref var resolving = ref ResolvingDelivery.Place;
        ValueTask pending;
        try
        {
            var services = scope.ServiceProvider;
            context.OpenScope(services);
            resolving = context;
            pending = call(services, @event, new EventContext(context), cancellationToken);
        }
        catch (Exception error)
        {
            pending = ValueTask.FromException(error);
        }

        resolving = null;
        if (!pending.IsCompletedSuccessfully)
            return AwaitThenDisposeAsync(pending, scope, context);
        pending.GetAwaiter().GetResult();
        var disposing = DisposeAsync(scope, context);
        if (!disposing.IsCompletedSuccessfully)
            return AwaitThenLeaveAsync(disposing, context);
        context.CloseScope();
        return default;
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    private async ValueTask AwaitThenDisposeAsync(ValueTask pending, IServiceScope scope, DeliveryContext context)
    {
        try
        {
            await pending.AnyContext();
        }
        finally
        {
            await DisposeAsync(scope, context).AnyContext();
            context.CloseScope();
        }
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    private static async ValueTask AwaitThenLeaveAsync(ValueTask disposing, DeliveryContext context)
    {
        await disposing.AnyContext();
        context.CloseScope();
    }

    // A scope that throws when it is disposed is reported; the delivery is settled as the handler decided.
    private ValueTask DisposeAsync(IServiceScope scope, DeliveryContext context)
    {
        try
        {
            if (scope is not IAsyncDisposable asynchronous)
            {
                scope.Dispose();
                return default;
            }

            var disposing = asynchronous.DisposeAsync();
            if (!disposing.IsCompletedSuccessfully)
                return AwaitDisposeAsync(disposing, context);
            disposing.GetAwaiter().GetResult();
        }
        catch (Exception error)
        {
            LogMessages.ScopeDisposalFailed(log, error, context.Subscription);
        }

        return default;
    }

    private async ValueTask AwaitDisposeAsync(ValueTask disposing, DeliveryContext context)
    {
        try
        {
            await disposing.AnyContext();
        }
        catch (Exception error)
        {
            LogMessages.ScopeDisposalFailed(log, error, context.Subscription);
        }
    }
}
