using System.Collections.Concurrent;
using EventBus.Storage;
using EventBus.Timing;

namespace EventBus.Recording;

/// <summary>Remembers completed deliveries in the event log. Claims share commits with all else that is written.</summary>
/// <remarks>Where the log is locked for a while, a claim may be won after its attempt has given up waiting, and one may not be given back. Nobody holds such a claim: the next
/// attempt at it gives it back first, and does not wait until its lease is over.</remarks>
internal sealed class LogIdempotencyStore(Recorder recorder, Clock clock) : IIdempotencyStore
{
    // So many of what is over, or of what nobody holds, are removed with each claim: as many as can come in, and some more.
    private const int RemovedWithEach = 4;

    private readonly ConcurrentDictionary<IdempotencyKey, long> _heldByNobody = new();

    private DateTimeOffset Now => clock.UtcNow;

    private Func<string, bool>? OtherNamesOf(string eventType) => recorder.Codec.Types.OthersOf(eventType);

    public ValueTask<IdempotencyClaim> ClaimAsync(IdempotencyKey key, TimeSpan lease, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(lease, TimeSpan.Zero);
        var claiming = new Claiming(this, key, lease);
        var claimed = claiming.WaitAsync(cancellationToken);
        recorder.Session.Writer.Submit(claiming);
        return claimed;
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

    public async ValueTask<bool> ReleaseAsync(IdempotencyKey key, long token, CancellationToken cancellationToken)
    {
        try
        {
            return await recorder.Session.Writer.SubmitAsync(transaction => transaction.ReleaseClaim(key, token)).WaitAsync(cancellationToken).AnyContext();
        }
        catch
        {
            _heldByNobody[key] = token;
            throw;
        }
    }

    /// <summary>A claim that somebody waits for, or has given up waiting for. All but the waiting is on the writer's thread.</summary>
    private sealed class Claiming(LogIdempotencyStore store, IdempotencyKey key, TimeSpan lease) : LogOperation
    {
        private readonly TaskCompletionSource<IdempotencyClaim> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private KeyValuePair<IdempotencyKey, long>[] _givenBack = [];
        private IdempotencyClaim _claim;

        public ValueTask<IdempotencyClaim> WaitAsync(CancellationToken cancellationToken) =>
            cancellationToken.CanBeCanceled ? WaitOrGiveUpAsync(cancellationToken) : new(_done.Task);

        // One that was given up before its turn came is not claimed at all.
        public override bool TryTake() => !_done.Task.IsCompleted;

        public override void Apply(ILogTransaction transaction)
        {
            _givenBack = store._heldByNobody.IsEmpty ? [] : HeldByNobody();
            foreach (var (held, token) in _givenBack)
                transaction.ReleaseClaim(held, token);
            var now = store.Now;
            transaction.RemoveClaims(now, RemovedWithEach);
            _claim = transaction.Claim(key, lease, now, key.EventType is { } type ? store.OtherNamesOf(type) : null);
        }

        public override void Committed()
        {
            foreach (var given in _givenBack)
                store._heldByNobody.TryRemove(given);
            // An attempt that is no longer there: the next one comes after this, whenever it asks.
            if (!_done.TrySetResult(_claim) && _claim.Status == IdempotencyClaimStatus.Won)
                store._heldByNobody[key] = _claim.Token;
        }

        public override void Failed(Exception error) => _done.TrySetException(error);

        private async ValueTask<IdempotencyClaim> WaitOrGiveUpAsync(CancellationToken cancellationToken)
        {
            using var givingUp = cancellationToken.UnsafeRegister(static (done, token) => ((TaskCompletionSource<IdempotencyClaim>)done!).TrySetCanceled(token), _done);
            return await _done.Task.AnyContext();
        }

        // Its own, and some of those that are never asked for again.
        private KeyValuePair<IdempotencyKey, long>[] HeldByNobody() =>
            [.. store._heldByNobody.Where(held => held.Key != key).Take(RemovedWithEach), .. store._heldByNobody.TryGetValue(key, out var token) ? [new KeyValuePair<IdempotencyKey, long>(key, token)] : Array.Empty<KeyValuePair<IdempotencyKey, long>>()];
    }
}
