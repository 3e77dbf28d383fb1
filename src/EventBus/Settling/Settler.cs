using EventBus.Events;
using EventBus.Observing;
using EventBus.Timing;
using Microsoft.Extensions.Logging;

namespace EventBus.Settling;

/// <summary>Settles deliveries: counts and forgets them, sends them back to wait, or gives them up.</summary>
internal sealed class Settler(
    string subscription,
    RetryPolicy policy,
    DeadLetterWriter deadLetters,
    SubscriptionCounters counters,
    Clock clock,
    Chance chance,
    ILogger log) : ISettler
{
    public ValueTask<Parking?> SettleAsync(Outcome outcome, object @event, DeliveryContext context, RetryState? retry, TimeSpan took)
    {
        if (retry?.Letter is { } letter)
            return BuryAsync(letter, retry);
        switch (outcome.Kind)
        {
            case OutcomeKind.Handled:
                counters.AddHandled(1);
                return new((Parking?)null);
            case OutcomeKind.Filtered:
                Interlocked.Increment(ref counters.Filtered);
                return new((Parking?)null);
            case OutcomeKind.Expired:
                if (Interlocked.Increment(ref counters.Expired) is var expired && Flood.IsWorthALine(expired))
                    LogMessages.Expired(log, subscription, context.Type, LogText.Safe(context.Id), expired);
                return new((Parking?)null);
            case OutcomeKind.Duplicate:
                Interlocked.Increment(ref counters.Duplicates);
                return new((Parking?)null);
            case OutcomeKind.Postponed:
                return new(Postpone(outcome, context, retry));
            default:
                // A publish that found no room in this very bus: the delivery steps aside until there is some.
                return WrappedError.IsOnly<QueueFullException>(outcome.Error!)
                    ? new(Postpone(Outcome.Postponed(TimeSpan.Zero, outcome.Error), context, retry))
                    : FailAsync(outcome.Error!, @event, context, retry, took);
        }
    }

    public void Parked(object @event, DeliveryContext context)
    {
    }

    public void CountDropped(object @event, string eventType, in Stamp stamp, EventDetails? details, EventIdentity identity)
    {
        var count = Interlocked.Increment(ref counters.Dropped);
        if (Flood.IsWorthALine(count))
            LogMessages.Dropped(log, subscription, eventType, LogText.Safe(details?.Id ?? identity.IdOf(stamp)), count);
    }

    private Parking Postpone(Outcome outcome, DeliveryContext context, RetryState? retry)
    {
        retry ??= new RetryState { FirstAttemptAt = clock.Now };
        var verdict = outcome.Delay == TimeSpan.Zero && outcome.Error is null
            ? new Verdict(true, TimeSpan.Zero, false, default)
            : RetryRules.AfterPostponement(outcome.Delay, retry.Postponements++, chance.NextDouble());
        if (outcome.Error is not null)
            LogMessages.Postponed(log, outcome.Error, subscription, context.Type, LogText.Safe(context.Id), verdict.Delay);
        return new(retry, verdict.Delay);
    }

    private ValueTask<Parking?> FailAsync(Exception error, object @event, DeliveryContext context, RetryState? retry, TimeSpan took)
    {
        retry ??= new RetryState { FirstAttemptAt = clock.Now - took.Ticks };
        retry.Attempts++;
        retry.Postponements = 0;
        var attempt = new RetryAttempt(retry.Attempts, TimeSpan.FromTicks(clock.Now - retry.FirstAttemptAt), retry.PreviousDelay, error, chance.NextDouble());
        var verdict = Decide(attempt);
        if (!verdict.Retries)
            return BuryAsync(deadLetters.Describe(@event, context.Capture(), error, verdict.Reason), retry);
        Interlocked.Increment(ref counters.Retried);
        retry.PreviousDelay = verdict.Delay;
        LogMessages.AttemptFailed(log, error, subscription, context.Type, LogText.Safe(context.Id), retry.Attempts, verdict.Delay);
        return new(new Parking(retry, verdict.Delay));
    }

    // A policy that throws has decided nothing; the delivery is kept where somebody will look at it.
    private Verdict Decide(in RetryAttempt attempt)
    {
        try
        {
            return RetryRules.AfterFailure(policy, attempt);
        }
        catch (Exception error)
        {
            LogMessages.RetryPolicyFailed(log, error, subscription);
            return new(false, default, true, DeadLetterReason.NotRetried);
        }
    }

    private async ValueTask<Parking?> BuryAsync(DeadLetter letter, RetryState retry)
    {
        if (await deadLetters.WriteAsync(letter, retry).AnyContext())
        {
            Interlocked.Increment(ref counters.DeadLettered);
            return null;
        }

        retry.Letter = letter;
        return new Parking(retry, RetryRules.AfterPostponement(TimeSpan.Zero, retry.Postponements++, chance.NextDouble()).Delay);
    }
}
