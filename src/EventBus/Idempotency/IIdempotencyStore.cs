namespace EventBus.Storage;

/// <summary>Remembers which deliveries were completed, so that a second one is recognised.</summary>
/// <remarks>
/// The protocol of one delivery: claim; if won, run the handler; then complete, or release on failure. A claim is a lease with
/// an owner token: if its holder dies, it can be won again once it has run out. All members are called from many threads
/// at once, and must be atomic for one key. A store that fails should throw: the delivery then waits and is tried again,
/// and the handler is not called unprotected.
/// </remarks>
public interface IIdempotencyStore
{
    /// <summary>Asks for the right to handle a delivery.</summary>
    /// <param name="key">The delivery.</param>
    /// <param name="lease">How long the claim holds unless it is renewed; positive.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    ValueTask<IdempotencyClaim> ClaimAsync(IdempotencyKey key, TimeSpan lease, CancellationToken cancellationToken);

    /// <summary>Makes a claim last longer.</summary>
    /// <param name="key">The delivery.</param>
    /// <param name="token">The claim's owner token.</param>
    /// <param name="lease">How long it holds from now on; positive.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns><see langword="false"/> if the token is no longer the owner's; nothing was changed then.</returns>
    ValueTask<bool> RenewAsync(IdempotencyKey key, long token, TimeSpan lease, CancellationToken cancellationToken);

    /// <summary>Records that the delivery was handled.</summary>
    /// <param name="key">The delivery.</param>
    /// <param name="token">The claim's owner token.</param>
    /// <param name="window">How long it is remembered; positive.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns><see langword="false"/> if the token is no longer the owner's; nothing was changed then.</returns>
    ValueTask<bool> CompleteAsync(IdempotencyKey key, long token, TimeSpan window, CancellationToken cancellationToken);

    /// <summary>Gives a claim back: the delivery was not handled.</summary>
    /// <param name="key">The delivery.</param>
    /// <param name="token">The claim's owner token.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns><see langword="false"/> if the token is no longer the owner's; nothing was changed then.</returns>
    ValueTask<bool> ReleaseAsync(IdempotencyKey key, long token, CancellationToken cancellationToken);
}
