namespace EventBus.Timing;

/// <summary>One thread that does all the work of the buses that are built on it, step by step, in an order that it chooses. Set as the thread's synchronization context,
/// so that what awaits there goes on there; none where threads and the thread pool do the work.</summary>
internal abstract class OneThread : SynchronizationContext
{
    /// <summary>The one that runs the caller, if any.</summary>
    public static new OneThread? Current => SynchronizationContext.Current as OneThread;

    public abstract WorkStarter Starter { get; }

    /// <summary>The time of a bus that was given no other than the system's.</summary>
    public abstract TimeProvider Time { get; }

    /// <summary>A seed for a bus that was given none.</summary>
    public abstract long NextSeed();

    /// <summary>Takes note of a bus that was built on it.</summary>
    /// <param name="inHand">Says what the bus has in hand and cannot finish, a line for each subscription.</param>
    public abstract void Add(Func<IEnumerable<string>> inHand);

    /// <summary>Awaited, lets others go on first, as many as the thread chooses.</summary>
#pragma warning disable RS0030 // This is the door.
    public static System.Runtime.CompilerServices.YieldAwaitable Pause() => Task.Yield();
#pragma warning restore RS0030
}
