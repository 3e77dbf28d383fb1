using System.Runtime.CompilerServices;
using EventBus.Settling;
using EventBus.Timing;

namespace EventBus.Handling;

/// <summary>Throws another exception in place of one that the handler threw: one that says whether trying again makes sense.</summary>
internal sealed class ExceptionMapping<TException>(Func<TException, Exception?> map) : IEventMiddleware
    where TException : Exception
{
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    public async ValueTask HandleAsync<TEvent>(TEvent @event, EventContext context, IEventHandler<TEvent> next, CancellationToken cancellationToken)
        where TEvent : notnull
    {
        try
        {
            await next.HandleAsync(@event, context, cancellationToken).AnyContext();
        }
        // A handler that found no room in its own bus has not failed: its delivery steps aside until there is some.
        catch (TException error) when (!WrappedError.IsOnly<QueueFullException>(error) && map(error) is { } other)
        {
            throw other;
        }
    }
}
