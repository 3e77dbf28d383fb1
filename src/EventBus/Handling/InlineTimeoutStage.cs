using EventBus.Events;
using EventBus.Observing;
using EventBus.Settling;
using EventBus.Timing;

namespace EventBus.Handling;

/// <summary>Cancels an inline handler's token when it has taken too long. The publisher waits until it really returns.</summary>
internal sealed class InlineTimeoutStage<T>(string subscription, TimeSpan timeout, DueTimer timer, WorkStarter starter, IdleSignal idle, AttemptStage<T> next) : AttemptStage<T>
{
    public override async ValueTask<Outcome> RunAsync(T @event, DeliveryContext context, CancellationToken cancellationToken)
    {
        using var cancellation = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var limit = new Limit(cancellation, starter, idle);
        timer.Add(limit, timeout);
        Outcome outcome;
        try
        {
            outcome = await next.RunAsync(@event, context, cancellation.Token).AnyContext();
        }
        finally
        {
            timer.Remove(limit);
            limit.End();
        }

        return outcome.Error is { } error && limit.IsReached && !cancellationToken.IsCancellationRequested
            ? Outcome.Failed(new TimeoutException($"Inline subscription '{subscription}' gave its handler {timeout}. Raise Timeout(...), or let the handler observe its cancellation token.", error))
            : outcome;
    }

    private sealed class Limit(CancellationTokenSource cancellation, WorkStarter starter, IdleSignal idle) : DueItem, IThreadPoolWorkItem
    {
        private readonly object _gate = new();
        private bool _ended;

        public bool IsReached { get; private set; }

        public override void OnDue()
        {
            idle.BeginLook();
            starter.Start(this);
        }

        public void End()
        {
            lock (_gate)
                _ended = true;
        }

        public void Execute()
        {
            Reach();
            idle.EndLook();
        }

        private void Reach()
        {
            lock (_gate)
            {
                if (_ended)
                    return;
                IsReached = true;
            }

            try
            {
                cancellation.Cancel();
            }
            catch (Exception error) when (error is AggregateException or ObjectDisposedException)
            {
                // What the handler registered with its token threw, or it returned just now. The attempt tells its own failure.
            }
        }
    }
}
