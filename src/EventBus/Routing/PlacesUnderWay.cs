using EventBus.Events;
using EventBus.Queueing;
using EventBus.Timing;

namespace EventBus.Routing;

/// <summary>The event that a thread is giving its places in several queues at this moment. The first queue's worker may be quicker than that, and what its handler publishes
/// waits for the end of it: see <see cref="WaitForCauseOf"/>.</summary>
/// <remarks>
/// One for each thread that publishes, in the process: a publisher writes to its own memory only, and stops nobody. It enters before the first queue has the event and leaves
/// after the last. Whoever takes the event from a queue has taken that queue's lock after the publisher, and so sees that it has entered. Nothing in between waits;
/// should a key selector do so all the same, those that wait for it go on after a while, without the order.
/// </remarks>
internal sealed class PlacesUnderWay
{
    private const long None = 0;

    private static readonly object s_gate = new();
    private static PlacesUnderWay[] s_all = [];

    [ThreadStatic]
    private static Owned? t_own;

#pragma warning disable CS0169, CA1823, IDE0051 // Room to the neighbours: each is written by another thread with every event.
    private readonly Padding _before;
    private long _stamp;
    private readonly Padding _after;
#pragma warning restore CS0169, CA1823, IDE0051

    /// <summary>The caller's own.</summary>
    public static PlacesUnderWay OfThread => (t_own ??= new()).Places;

    /// <summary>Called before something is published by a delivery: waits until the event that it handles has all its places, if another thread is giving them at this moment.</summary>
    public static void WaitForCauseOf(PublishOrigin origin)
    {
        if (origin.CauseStamp is not { } stamp)
            return;
        foreach (var places in Volatile.Read(ref s_all))
        {
            // A key selector of the event itself may publish: its own thread is in the middle of it, and is not waited for.
            if (Volatile.Read(ref places._stamp) == (long)stamp.Bits && !ReferenceEquals(places, t_own?.Places))
                WorkStarter.SpinWhile(ref places._stamp, (long)stamp.Bits);
        }
    }

    /// <returns>What to leave with: a key selector may publish in between.</returns>
    public long Enter(in Stamp stamp)
    {
        var outer = _stamp;
        Volatile.Write(ref _stamp, (long)stamp.Bits);
        return outer;
    }

    public void Leave(long outer) => Volatile.Write(ref _stamp, outer);

    /// <summary>Goes with its thread.</summary>
    private sealed class Owned
    {
        public Owned()
        {
            lock (s_gate)
                Volatile.Write(ref s_all, [.. s_all, Places]);
        }

        ~Owned()
        {
            lock (s_gate)
                Volatile.Write(ref s_all, [.. s_all.Where(other => !ReferenceEquals(other, Places))]);
        }

        public PlacesUnderWay Places { get; } = new() { _stamp = None };
    }
}
