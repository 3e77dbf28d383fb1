namespace EventBus.Queueing;

/// <summary>Tells cheaply that a key has not used up its share of the queue, or that somebody must count.</summary>
/// <remarks>Publishers count what comes in, workers what goes out, each in an array of its own by the key's hash, so that neither
/// waits for the other's memory. Keys that share a place are counted together: then the answer is "count", never "no".</remarks>
internal sealed class KeyShares(int share)
{
    private const int Places = 4096;

    private readonly int[] _in = new int[Places];
    private readonly int[] _outSeen = new int[Places];
    private readonly int[] _out = new int[Places];

    /// <summary>With the publishers' lock held.</summary>
    public bool SurelyHasRoom(int hash)
    {
        var place = hash & (Places - 1);
        if (_in[place] - _outSeen[place] < share)
            return true;
        _outSeen[place] = Volatile.Read(ref _out[place]);
        return _in[place] - _outSeen[place] < share;
    }

    /// <summary>With the publishers' lock held.</summary>
    public void CountIn(int hash) => _in[hash & (Places - 1)]++;

    /// <summary>With the lanes' lock held.</summary>
    public void CountOut(int hash) => _out[hash & (Places - 1)]++;
}
