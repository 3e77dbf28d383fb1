using EventBus.Events;
using EventBus.Observing;
using EventBus.Settling;
using EventBus.Timing;
using Microsoft.Extensions.Logging;

namespace EventBus.Handling;

/// <summary>Retries an inline delivery in the caller's time.</summary>
internal sealed class InlineRetryStage<T>(string subscription, RetryPolicy policy, Clock clock, Chance chance, SubscriptionCounters counters, ILogger log, AttemptStage<T> next) : AttemptStage<T>
{
    public override ValueTask<Outcome> RunAsync(T @event, DeliveryContext context, CancellationToken cancellationToken)
    {
        var attempt = next.RunAsync(@event, context, cancellationToken);
        if (!attempt.IsCompletedSuccessfully)
            return RetryAsync(attempt, @event, context, cancellationToken);
        var outcome = attempt.Result;
        return outcome.Kind == OutcomeKind.Failed
            ? RetryAsync(new(outcome), @event, context, cancellationToken)
            : new(outcome);
    }

    private async ValueTask<Outcome> RetryAsync(ValueTask<Outcome> attempt, T @event, DeliveryContext context, CancellationToken cancellationToken)
    {
        var startedAt = clock.Now;
        var delay = TimeSpan.Zero;
        for (var number = 1; ; number++)
        {
            var outcome = await attempt.AnyContext();
            // The publisher's own cancellation is no failure and is not retried.
            if (outcome.Error is not { } error || (WrappedError.IsOnly<OperationCanceledException>(error) && cancellationToken.IsCancellationRequested))
                return outcome;
            try
            {
                var verdict = RetryRules.AfterFailure(policy, new(number, TimeSpan.FromTicks(clock.Now - startedAt), delay, error, chance.NextDouble()));
                if (!verdict.Retries)
                    return outcome;
                delay = verdict.Delay;
                Interlocked.Increment(ref counters.Retried);
                // The publisher gets the last attempt's exception, and no other.
                LogMessages.AttemptFailed(log, error, subscription, context.Type, LogText.Safe(context.Id), number, delay);
                if (delay > TimeSpan.Zero)
                    await clock.DelayAsync(delay, cancellationToken).AnyContext();
            }
            catch (Exception waitingFailed)
            {
                return waitingFailed is OperationCanceledException ? Outcome.Failed(waitingFailed) : Outcome.Failed(new AggregateException(error, waitingFailed));
            }

            context.Leave();
            context.EnterAttempt(number + 1);
            attempt = next.RunAsync(@event, context, cancellationToken);
        }
    }
}
