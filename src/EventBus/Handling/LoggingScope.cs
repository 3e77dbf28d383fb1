using System.Collections;
using System.Runtime.CompilerServices;
using EventBus.Observing;
using EventBus.Timing;
using Microsoft.Extensions.Logging;

namespace EventBus.Handling;

/// <summary>Gives what is logged while a handler runs the ids of the event that it handles.</summary>
internal sealed class LoggingScope(ILogger log) : IEventMiddleware
{
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    public async ValueTask HandleAsync<TEvent>(TEvent @event, EventContext context, IEventHandler<TEvent> next, CancellationToken cancellationToken)
        where TEvent : notnull
    {
        using (log.BeginScope(new Properties(context)))
            await next.HandleAsync(@event, context, cancellationToken).AnyContext();
    }

    /// <summary>Named as in the bus's own lines, so that a search finds both.</summary>
    private sealed class Properties : IReadOnlyList<KeyValuePair<string, object?>>
    {
        private readonly KeyValuePair<string, object?>[] _all;

        public Properties(EventContext context)
        {
            _all =
            [
                new("Subscription", context.Subscription),
                new("EventType", context.Type),
                new("Id", LogText.Safe(context.Id)),
                new("CorrelationId", LogText.Safe(context.CorrelationId)),
                new("CausationId", context.CausationId is { } cause ? LogText.Safe(cause) : null),
                new("Attempt", context.Attempt),
            ];
        }

        public int Count => _all.Length;

        public KeyValuePair<string, object?> this[int index] => _all[index];

        public IEnumerator<KeyValuePair<string, object?>> GetEnumerator() => ((IEnumerable<KeyValuePair<string, object?>>)_all).GetEnumerator();

        IEnumerator IEnumerable.GetEnumerator() => _all.GetEnumerator();

        public override string ToString() => string.Join(", ", _all.Where(static property => property.Value is not null).Select(static property => $"{property.Key}: {property.Value}"));
    }
}
