using EventBus.Events;
using EventBus.Observing;
using EventBus.Settling;
using EventBus.Storage;
using EventBus.Timing;
using Microsoft.Extensions.Logging;

namespace EventBus.Handling;

/// <summary>Claims a delivery before its handler runs, completes the claim afterwards, and skips what was completed before.</summary>
internal sealed class IdempotencyStage<T>(
    string scope,
    IIdempotencyStore store,
    Func<T, string?>? keyOf,
    TimeSpan lease,
    TimeSpan window,
    int seats,
    Clock clock,
    ILogger log,
    AttemptStage<T> next) : AttemptStage<T>, IWatched
{
    private readonly HeldLease[] _held = NewLeases(seats);
    private string? _type;

    public TimeSpan Period { get; } = lease / 3;

    /// <summary>The same stage under another name.</summary>
    public IdempotencyStage<T> InScope(string other) => new(other, store, keyOf, lease, window, seats, clock, log, next);

    public override ValueTask<Outcome> RunAsync(T @event, DeliveryContext context, CancellationToken cancellationToken)
    {
        IdempotencyKey key;
        ValueTask<IdempotencyClaim> claiming;
        try
        {
            key = AttributeLimits.Key(keyOf?.Invoke(@event)) is { } own ? new(scope, own) : KeyOfEvent(context);
        }
        catch (Exception error)
        {
            return new(Outcome.Failed(error));
        }

        try
        {
            claiming = store.ClaimAsync(key, lease, cancellationToken);
            if (!claiming.IsCompletedSuccessfully)
                return AwaitClaimAsync(claiming, key, @event, context, cancellationToken);
        }
        catch (Exception error)
        {
            return new(Unprotected(error, context));
        }

        var claim = claiming.Result;
        if (claim.Status != IdempotencyClaimStatus.Won)
            return new(NotWon(claim));
        var held = _held[context.Seat];
        held.Take(key, claim.Token, clock.Coarse);
        var handling = next.RunAsync(@event, context, cancellationToken);
        if (!handling.IsCompletedSuccessfully)
            return AwaitHandlingAsync(handling, key, claim.Token, held);
        var outcome = handling.Result;
        held.Drop();
        var ending = EndAsync(outcome, key, claim.Token);
        return ending.IsCompletedSuccessfully ? new(outcome) : AwaitEndAsync(ending, outcome);
    }

    /// <summary>Renews the claims of handlers that take long.</summary>
    public void Check()
    {
        foreach (var held in _held)
        {
            if (held.Due(clock.Coarse, Period) is { } due)
                _ = RenewAsync(due.Key, due.Token);
        }
    }

    // Two types may have events of one id, and so may two sources.
    private IdempotencyKey KeyOfEvent(DeliveryContext context) => new(scope, context.Id)
    {
        // To ask an event that is a value for its type would box it.
        EventType = typeof(T).IsValueType ? _type ??= context.Type : context.Type,
        Source = context.Source,
    };

    private static HeldLease[] NewLeases(int count)
    {
        var leases = new HeldLease[count];
        for (var i = 0; i < count; i++)
            leases[i] = new HeldLease();
        return leases;
    }

    private static Outcome NotWon(in IdempotencyClaim claim) =>
        claim.Status == IdempotencyClaimStatus.Completed
            ? Outcome.Duplicate
            : Outcome.Postponed(claim.HeldFor > TimeSpan.Zero ? claim.HeldFor : TimeSpan.FromTicks(1), null);

    private static async ValueTask<Outcome> AwaitEndAsync(ValueTask ending, Outcome outcome)
    {
        await ending.AnyContext();
        return outcome;
    }

    private Outcome Unprotected(Exception error, DeliveryContext context)
    {
        LogMessages.IdempotencyStoreFailed(log, error, scope, context.Type, LogText.Safe(context.Id));
        return Outcome.Postponed(TimeSpan.Zero, error);
    }

    private async ValueTask<Outcome> AwaitClaimAsync(ValueTask<IdempotencyClaim> claiming, IdempotencyKey key, T @event, DeliveryContext context, CancellationToken cancellationToken)
    {
        IdempotencyClaim claim;
        try
        {
            claim = await claiming.AnyContext();
        }
        catch (Exception error)
        {
            return Unprotected(error, context);
        }

        if (claim.Status != IdempotencyClaimStatus.Won)
            return NotWon(claim);
        var held = _held[context.Seat];
        held.Take(key, claim.Token, clock.Coarse);
        return await AwaitHandlingAsync(next.RunAsync(@event, context, cancellationToken), key, claim.Token, held).AnyContext();
    }

    private async ValueTask<Outcome> AwaitHandlingAsync(ValueTask<Outcome> handling, IdempotencyKey key, long token, HeldLease held)
    {
        var outcome = await handling.AnyContext();
        held.Drop();
        await EndAsync(outcome, key, token).AnyContext();
        return outcome;
    }

    // The stop token does not reach here: what was done must be recorded, whatever else ends.
    private ValueTask EndAsync(Outcome outcome, in IdempotencyKey key, long token)
    {
        var isDone = outcome.Kind == OutcomeKind.Handled;
        try
        {
            var ending = isDone
                ? store.CompleteAsync(key, token, window, CancellationToken.None)
                : store.ReleaseAsync(key, token, CancellationToken.None);
            if (!ending.IsCompletedSuccessfully)
                return AwaitEndAsync(ending, key, isDone);
            if (!ending.Result)
                LogMessages.LeaseLost(log, scope, LogText.Safe(key.Key));
        }
        catch (Exception error)
        {
            EndFailed(error, key, isDone);
        }

        return default;
    }

    private async ValueTask AwaitEndAsync(ValueTask<bool> ending, IdempotencyKey key, bool isDone)
    {
        try
        {
            if (!await ending.AnyContext())
                LogMessages.LeaseLost(log, scope, LogText.Safe(key.Key));
        }
        catch (Exception error)
        {
            EndFailed(error, key, isDone);
        }
    }

    // A claim that could not be released runs out by itself.
    private void EndFailed(Exception error, in IdempotencyKey key, bool isDone)
    {
        if (isDone)
            LogMessages.CompletionFailed(log, error, scope, LogText.Safe(key.Key));
    }

    private async Task RenewAsync(IdempotencyKey key, long token)
    {
        try
        {
            if (!await store.RenewAsync(key, token, lease, CancellationToken.None).AnyContext())
                LogMessages.LeaseLost(log, scope, LogText.Safe(key.Key));
        }
        catch (Exception error)
        {
            LogMessages.LeaseRenewalFailed(log, error, scope, LogText.Safe(key.Key));
        }
    }
}
