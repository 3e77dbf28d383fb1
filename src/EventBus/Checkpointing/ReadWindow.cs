using System.Numerics;

namespace EventBus.Checkpointing;

/// <summary>The events that were read and are not settled in a row: sequences in order of reading, each with whether it is done. Pure.</summary>
internal sealed class ReadWindow
{
    private readonly long[] _sequences;
    private readonly bool[] _done;
    private readonly string?[]? _keys;
    private long _first;
    private long _next;

    /// <param name="size">How many it holds at least, what is done behind the oldest that is not included.</param>
    /// <param name="withKeys">Whether deliveries may have keys.</param>
    public ReadWindow(int size, bool withKeys)
    {
        _sequences = new long[BitOperations.RoundUpToPowerOf2((uint)size)];
        _done = new bool[_sequences.Length];
        _keys = withKeys ? new string?[_sequences.Length] : null;
    }

    /// <summary>How many are not done.</summary>
    public int Open { get; private set; }

    /// <summary>Whether any that is done stands behind the oldest, which is not.</summary>
    public bool AnyOvertaken => Open < _next - _first;

    public bool IsEmpty => _first == _next;

    public bool IsFull => _next - _first == _sequences.Length;

    /// <summary>The oldest that is not done; there is one.</summary>
    public long Oldest => _sequences[At(_first)];

    public string? OldestKey => _keys?[At(_first)];

    public void Add(long sequence, string? key)
    {
        _sequences[At(_next)] = sequence;
        if (_keys is not null)
            _keys[At(_next)] = key;
        _done[At(_next)] = false;
        _next++;
        Open++;
    }

    /// <summary>The key with which one was read that is not done.</summary>
    public string? KeyOf(long sequence) => _keys is not null && Find(sequence) is >= 0 and var index ? _keys[index] : null;

    public bool IsOpen(long sequence) => Find(sequence) >= 0;

    /// <summary>The last of a key before a sequence that is not done; 0 for none.</summary>
    public long LastOf(string key, long before)
    {
        for (var number = _next - 1; number >= _first; number--)
        {
            if (_sequences[At(number)] < before && !_done[At(number)] && _keys?[At(number)] == key)
                return _sequences[At(number)];
        }

        return 0;
    }

    /// <returns>Whether it was there and not done.</returns>
    public bool TrySettle(long sequence)
    {
        var index = Find(sequence);
        if (index < 0)
            return false;
        _done[index] = true;
        if (_keys is not null)
            _keys[index] = null;
        Open--;
        while (_first < _next && _done[At(_first)])
            _first++;
        return true;
    }

    /// <returns>Where it stands, if it is there and not done.</returns>
    private int Find(long sequence)
    {
        var (low, high) = (_first, _next);
        while (low < high)
        {
            var middle = low + ((high - low) / 2);
            if (_sequences[At(middle)] < sequence)
                low = middle + 1;
            else
                high = middle;
        }

        var index = At(low);
        return low < _next && _sequences[index] == sequence && !_done[index] ? index : -1;
    }

    private int At(long number) => (int)number & (_sequences.Length - 1);
}
