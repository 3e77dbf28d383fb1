using EventBus.Storage;
using EventBus.Timing;

namespace EventBus.Recording;

/// <summary>Remembers completed deliveries in the event log. Claims share commits with all else that is written.</summary>
internal sealed class LogIdempotencyStore(Recorder recorder, Clock clock) : IIdempotencyStore
{
    // So many of what is over are removed with each claim: as many as can come in, and some more.
    private const int RemovedWithEach = 4;

    public ValueTask<IdempotencyClaim> ClaimAsync(IdempotencyKey key, TimeSpan lease, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(lease, TimeSpan.Zero);
        return new(recorder.Session.Writer.SubmitAsync(transaction =>
        {
            var now = clock.UtcNow;
            transaction.RemoveClaims(now, RemovedWithEach);
            return transaction.Claim(key, lease, now, key.EventType is { } type ? recorder.Codec.Types.OthersOf(type) : null);
        }).WaitAsync(cancellationToken));
    }

    public ValueTask<bool> RenewAsync(IdempotencyKey key, long token, TimeSpan lease, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(lease, TimeSpan.Zero);
        return new(recorder.Session.Writer.SubmitAsync(transaction => transaction.RenewClaim(key, token, lease, clock.UtcNow)).WaitAsync(cancellationToken));
    }

    public ValueTask<bool> CompleteAsync(IdempotencyKey key, long token, TimeSpan window, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(window, TimeSpan.Zero);
        return new(recorder.Session.Writer.SubmitAsync(transaction => transaction.CompleteClaim(key, token, window, clock.UtcNow)).WaitAsync(cancellationToken));
    }

    public ValueTask<bool> ReleaseAsync(IdempotencyKey key, long token, CancellationToken cancellationToken) =>
        new(recorder.Session.Writer.SubmitAsync(transaction => transaction.ReleaseClaim(key, token)).WaitAsync(cancellationToken));
}
