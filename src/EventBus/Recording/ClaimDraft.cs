using System.Collections.Immutable;
using EventBus.Storage;
using EventBus.Timing;

namespace EventBus.Recording;

/// <summary>The claims as a transaction leaves them.</summary>
internal sealed class ClaimDraft(LogContents before, InMemoryLogOwner owner)
{
    private readonly ImmutableSortedSet<ClaimRow>.Builder _claims = before.Claims.ToBuilder();
    private readonly ImmutableSortedSet<ClaimEndRow>.Builder _ends = before.ClaimEnds.ToBuilder();

    public IdempotencyClaim Claim(IdempotencyKey key, TimeSpan lease, DateTimeOffset now, Func<string, bool>? isSameType)
    {
        if (isSameType is not null && IsCompletedUnderAnotherName(key, now, isSameType))
            return IdempotencyClaim.Completed();
        if (_claims.TryGetValue(new(key), out var held) && held.Until > now.UtcTicks)
        {
            if (held.Token == 0)
                return IdempotencyClaim.Completed();
            // One that holds for longer was made before the clock was set back.
            var until = Math.Min(held.Until, Clock.After(now.UtcTicks, lease));
            if (until != held.Until)
                Put(new(key, held.Token, until));
            return IdempotencyClaim.HeldByAnother(TimeSpan.FromTicks(until - now.UtcTicks));
        }

        var token = owner.NextNumber();
        Put(new(key, token, Clock.After(now.UtcTicks, lease)));
        return IdempotencyClaim.Won(token);
    }

    public bool Renew(IdempotencyKey key, long token, TimeSpan lease, DateTimeOffset now)
    {
        var isOwned = IsOwned(key, token);
        if (isOwned)
            Put(new(key, token, Clock.After(now.UtcTicks, lease)));
        return isOwned;
    }

    public bool Complete(IdempotencyKey key, long token, TimeSpan window, DateTimeOffset now)
    {
        var isOwned = IsOwned(key, token);
        if (isOwned)
            Put(new(key, 0, Clock.After(now.UtcTicks, window)));
        return isOwned;
    }

    public bool Release(IdempotencyKey key, long token)
    {
        var isOwned = IsOwned(key, token);
        if (isOwned)
            Remove(key);
        return isOwned;
    }

    public void Rename(string scope, string newScope)
    {
        foreach (var claim in _claims.Where(claim => claim.Key.Scope == scope).ToList())
        {
            Remove(claim.Key);
            Put(claim with { Key = claim.Key with { Scope = newScope } });
        }
    }

    public int RemoveOver(DateTimeOffset now, int count)
    {
        var over = _ends.TakeWhile(row => row.Until <= now.UtcTicks).Take(count).ToList();
        foreach (var row in over)
            Remove(row.Key);
        return over.Count;
    }

    public LogContents Into(LogContents contents) => contents with { Claims = _claims.ToImmutable(), ClaimEnds = _ends.ToImmutable() };

    // A completed delivery has the token 0, which nobody is given.
    private bool IsOwned(IdempotencyKey key, long token) => token != 0 && _claims.TryGetValue(new(key), out var claim) && claim.Token == token;

    private bool IsCompletedUnderAnotherName(IdempotencyKey key, DateTimeOffset now, Func<string, bool> isSameType) =>
        _claims.From(new(new(key.Scope, key.Key)))
            .TakeWhile(claim => claim.Key.Scope == key.Scope && claim.Key.Key == key.Key)
            .Any(claim => claim.Token == 0 && claim.Until > now.UtcTicks && claim.Key.EventType is { } type && claim.Key.Source == key.Source && isSameType(type));

    private void Put(ClaimRow claim)
    {
        Remove(claim.Key);
        _claims.Add(claim);
        _ends.Add(new(claim.Until, claim.Key));
    }

    private void Remove(IdempotencyKey key)
    {
        if (!_claims.TryGetValue(new(key), out var claim))
            return;
        _ends.Remove(new(claim.Until, key));
        _claims.Remove(claim);
    }
}
