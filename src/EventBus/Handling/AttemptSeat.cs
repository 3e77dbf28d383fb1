namespace EventBus.Handling;

/// <summary>What a worker tells about the attempt it is in, and the token by which that attempt can be cancelled. Used again for
/// every attempt.</summary>
/// <remarks>
/// The worker writes plainly; an interlocked instruction for each event would cost as much as the rest of its bookkeeping.
/// Whoever cancels, which is rare, pays instead: it announces itself, makes the whole process pass a memory barrier, and
/// looks again whether the attempt still runs. So a token is never cancelled for an attempt that came after. What it announces
/// and what it says stand beside that very token: the attempt may end between any two steps of it, and the next has another.
/// </remarks>
#pragma warning disable CA1001 // Without a timer or a wait handle a source holds nothing to dispose of; a handler may keep its token.
internal sealed class AttemptSeat
#pragma warning restore CA1001
{
    private Cancellation _cancellation = new();
    private long _startedAt;
    private long _reported;

    /// <summary>When the latest attempt began, on the coarse clock.</summary>
    public long BegunAt { get; private set; }

    /// <summary>Whether the worker may begin an attempt at any moment.</summary>
    public volatile bool IsAwake;

    /// <summary>Why the running attempt was cancelled, if it was.</summary>
    public CancelReason Cancelled => _cancellation.Reason;

    /// <summary>Whether the running attempt has been reported as stuck.</summary>
    public bool IsStuck => Running is var running && running != 0 && running == Volatile.Read(ref _reported);

    /// <summary>Names the running attempt, or is 0.</summary>
    public long Running => Volatile.Read(ref _startedAt);

    public CancellationToken Begin(long now)
    {
        BegunAt = now;
        Volatile.Write(ref _startedAt, now + 1);
        return _cancellation.Token;
    }

    public void End()
    {
        Volatile.Write(ref _startedAt, 0);
        if (_cancellation.IsAnnounced || !_cancellation.TryReset())
            _cancellation = new Cancellation();
    }

    /// <summary>Notes that the attempt of this name has been reported as stuck.</summary>
    public void Report(long running) => Volatile.Write(ref _reported, running);

    /// <summary>Cancels the attempt of this name, if it still runs.</summary>
    /// <returns>Whether it did.</returns>
    public bool TryCancel(long running, CancelReason reason)
    {
        var cancellation = Volatile.Read(ref _cancellation);
        if (cancellation.Reason != CancelReason.None)
            return false;
        cancellation.IsAnnounced = true;
        // Pairs with End, where the attempt is over first, and then it is looked whether its end was announced; and for which this passes the barrier too.
        Interlocked.MemoryBarrierProcessWide();
        if (Running != running || running == 0)
            return false;
        cancellation.Reason = reason;
        try
        {
            cancellation.Cancel();
        }
        catch (AggregateException)
        {
            // What the handler registered with its token threw. The attempt tells its own failure.
        }

        return true;
    }

    public static TimeSpan Elapsed(long running, long now) => TimeSpan.FromTicks(now + 1 - running);

    /// <summary>The token of an attempt, and of those after it for as long as none is cancelled.</summary>
    private sealed class Cancellation : CancellationTokenSource
    {
        public volatile bool IsAnnounced;

        public volatile CancelReason Reason;
    }
}

/// <summary>Why an attempt's token was cancelled.</summary>
internal enum CancelReason
{
    None,
    Timeout,
    Stop,
}
