namespace EventBus.Queueing;

/// <summary>Tells cheaply that a key has not used up its share of the queue, or that somebody must count.</summary>
/// <remarks>Publishers count what comes in, workers what goes out, each in an array of its own by the key's hash, so that neither
/// waits for the other's memory. Keys that share a place are counted together: then the answer is "count", never "no".</remarks>
internal sealed class KeyShares(int share)
{
    // Few enough to stay in the processors' nearest memory.
    private const int Places = 1024;

    private readonly (int Entered, int LeftSeen)[] _in = new (int, int)[Places];
    private readonly int[] _out = new int[Places];

    /// <summary>With the publishers' lock held.</summary>
    public bool SurelyHasRoom(int hash)
    {
        ref var place = ref _in[hash & (Places - 1)];
        if (place.Entered - place.LeftSeen < share)
            return true;
        place.LeftSeen = Volatile.Read(ref _out[hash & (Places - 1)]);
        return place.Entered - place.LeftSeen < share;
    }

    /// <summary>With the publishers' lock held.</summary>
    public void CountIn(int hash) => _in[hash & (Places - 1)].Entered++;

    /// <summary>With the lanes' lock held.</summary>
    public void CountOut(int hash) => _out[hash & (Places - 1)]++;
}
