using EventBus.Storage;

namespace EventBus.Idempotency;

/// <summary>Claims that are neither completed nor released: as many as handlers run. Found by key, and by their token without hashing
/// the key again. Guarded by its owner's lock.</summary>
internal sealed class ClaimTable
{
    // A token names the place of its claim, and which of those that ever stood there it is.
    private const int PlaceBits = 24;
    private const int FirstLength = 8;

    private Claim[] _claims = new Claim[FirstLength];
    private int[] _buckets = new int[FirstLength];
    private int _used;
    private int _free;
    private long _lastNumber;

    /// <summary>The claim on a key, if there is one.</summary>
    public ref Claim Find(in IdempotencyKey key, int hash, out bool exists)
    {
        for (var place = _buckets[hash & (_buckets.Length - 1)]; place != 0; place = _claims[place - 1].Next)
        {
            ref var claim = ref _claims[place - 1];
            if (claim.Hash == hash && claim.IsOn(key))
            {
                exists = true;
                return ref claim;
            }
        }

        exists = false;
        return ref _claims[0];
    }

    /// <summary>The claim of a token, if it is still the one on that key.</summary>
    public ref Claim Find(long token, in IdempotencyKey key, out bool exists)
    {
        var place = (int)(token & ((1 << PlaceBits) - 1));
        ref var claim = ref _claims[place < _claims.Length ? place : 0];
        exists = claim.Token == token && token != 0 && claim.IsOn(key);
        return ref claim;
    }

    /// <returns>The claim's token.</returns>
    public long Add(in IdempotencyKey key, int hash, long until)
    {
        var place = TakePlace();
        ref var claim = ref _claims[place];
        claim = new() { Key = key, Hash = hash, Until = until, Token = NewToken(place) };
        Link(place);
        return claim.Token;
    }

    /// <summary>Gives a claim whose lease is over to somebody else.</summary>
    public long Pass(ref Claim claim, long until)
    {
        claim.Until = until;
        return claim.Token = NewToken((int)(claim.Token & ((1 << PlaceBits) - 1)));
    }

    public void Remove(in Claim claim)
    {
        var place = (int)(claim.Token & ((1 << PlaceBits) - 1)) + 1;
        ref var link = ref _buckets[claim.Hash & (_buckets.Length - 1)];
        while (link != place)
            link = ref _claims[link - 1].Next;
        ref var removed = ref _claims[place - 1];
        link = removed.Next;
        removed = new() { Next = _free };
        _free = place;
    }

    private long NewToken(int place) => (++_lastNumber << PlaceBits) | (long)place;

    private int TakePlace()
    {
        if (_free != 0)
        {
            var place = _free - 1;
            _free = _claims[place].Next;
            return place;
        }

        if (_used == _claims.Length)
            Grow();
        return _used++;
    }

    private void Grow()
    {
        if (_used == 1 << PlaceBits)
            throw new InvalidOperationException($"The idempotency store holds {_used} claims that nobody completed or released. Complete or release each claim that is won.");
        Array.Resize(ref _claims, _claims.Length * 2);
        _buckets = new int[_claims.Length];
        for (var place = 0; place < _used; place++)
            Link(place);
    }

    private void Link(int place)
    {
        ref var bucket = ref _buckets[_claims[place].Hash & (_buckets.Length - 1)];
        _claims[place].Next = bucket;
        bucket = place + 1;
    }

    internal struct Claim
    {
        public IdempotencyKey Key;
        public int Hash;
        public int Next;
        public long Token;
        public long Until;

        public readonly bool IsOn(in IdempotencyKey key) => Key == key;
    }
}
