using EventBus.Events;
using EventBus.Settling;

namespace EventBus.Queueing;

/// <summary>What belongs to a queue of one line and does not stand in it: parked deliveries, what waits behind them because of
/// its key, and what has come back. Guarded by the queue's lock.</summary>
internal sealed class FifoParking<T>(DeliveryQueue<T> queue, FifoClaim<T> claim, int maxPerKey)
{
    private readonly LinkedList<Parked<T>> _parked = new();
    private readonly Queue<Parked<T>> _returned = new();
    private int _failed;
    private long _parkedIn;
    private long _parkedOut;

    public long ParkedIn => Volatile.Read(ref _parkedIn);

    public long ParkedOut => Volatile.Read(ref _parkedOut);

    public bool AnyReturned => _returned.Count > 0;

    /// <summary>Whether a delivery waits for its retry after an attempt that failed; those that are only put off do not count.</summary>
    public bool AnyFailed => _failed > 0;

    /// <summary>Takes a failed delivery out of the line; events of its key wait behind it from now on.</summary>
    /// <param name="delivery">The delivery.</param>
    /// <param name="retry">What it takes along.</param>
    /// <param name="inLine">Counts the events of a key that stand in line.</param>
    public Parked<T> Park(in QueuedEvent<T> delivery, RetryState retry, Func<string, int> inLine)
    {
        if (delivery.Details?.Key is { } key)
            (claim.ParkedKeys ??= new()).Close(key, inLine);
        _failed += retry.Postponements == 0 ? 1 : 0;
        return Keep(new(queue, delivery, retry, null));
    }

    /// <summary>Takes an event out of the line that comes after a parked one of its key.</summary>
    /// <returns>Whether it has to wait.</returns>
    public bool WaitsBehind(string key, in QueuedEvent<T> @event)
    {
        if (claim.ParkedKeys is null || !claim.ParkedKeys.IsClosed(key))
            return false;
        claim.ParkedKeys.Add(key, Keep(new(queue, @event, null, null)));
        return true;
    }

    /// <summary>A parked delivery may run again.</summary>
    public void Return(Parked<T> parked)
    {
        _parked.Remove(parked.Node!);
        _failed -= parked.Retry is { Postponements: 0 } ? 1 : 0;
        _parkedOut++;
        _returned.Enqueue(parked);
        claim.Attention = true;
    }

    /// <summary>A delivery of the key is settled: the next that waited behind it may run.</summary>
    public void Open(string key)
    {
        if (claim.ParkedKeys!.Next(key) is { } next)
            Return(next);
        if (claim.ParkedKeys.IsEmpty)
            claim.ParkedKeys = null;
    }

    public bool TryTakeReturned(out Parked<T>? parked) => _returned.TryDequeue(out parked);

    /// <summary>Whether a publisher's event has a share of the room left to its key.</summary>
    public bool HasShareFor(in QueuedEvent<T> @event) =>
        claim.ParkedKeys is null || @event.Details?.Key is not { } key || claim.ParkedKeys.Waiting(key) < maxPerKey;

    /// <summary>An event has come into line.</summary>
    public void Count(in QueuedEvent<T> @event)
    {
        if (claim.ParkedKeys is not null && @event.Details?.Key is { } key)
            claim.ParkedKeys.Count(key);
    }

    public void AddTo(List<QueuedEvent<T>> waiting)
    {
        foreach (var parked in _parked)
            waiting.Add(parked.Event);
        foreach (var parked in _returned)
            waiting.Add(parked.Event);
    }

    private Parked<T> Keep(Parked<T> parked)
    {
        parked.Node = _parked.AddLast(parked);
        _parkedIn++;
        return parked;
    }
}
