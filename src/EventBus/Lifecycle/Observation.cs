using EventBus.Observing;
using EventBus.Routing;
using Microsoft.Extensions.Logging;

namespace EventBus.Lifecycle;

/// <summary>One observer and its subscription: calls come one after the other, because the subscription has one worker, and none after the end.</summary>
internal sealed class Observation<TEvent>(IObserver<TEvent> observer, ILogger log) : IDisposable
    where TEvent : notnull
{
    private Subscription? _subscription;
    private int _isOver;

    public void Begin(Subscription subscription) => _subscription = subscription;

    public ValueTask HandleAsync(TEvent @event, EventContext context, CancellationToken cancellationToken)
    {
        if (Volatile.Read(ref _isOver) == 0)
            observer.OnNext(@event);
        return default;
    }

    // Nobody waits: what it leaves has ended for the observer.
    public void Dispose()
    {
        Volatile.Write(ref _isOver, 1);
        _ = _subscription?.DisposeAsync().AsTask();
    }

    /// <summary>Told when the subscription has ended and nothing of it runs.</summary>
    public void Complete(Subscription subscription)
    {
        if (Interlocked.Exchange(ref _isOver, 1) != 0)
            return;
        try
        {
            observer.OnCompleted();
        }
        catch (Exception error)
        {
            LogMessages.ObserverFailed(log, error, subscription.Name);
        }
    }
}
