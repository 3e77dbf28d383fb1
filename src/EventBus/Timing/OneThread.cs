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

    /// <summary>Lets that time pass.</summary>
    public abstract void Advance(TimeSpan time);

    /// <summary>A seed for a bus that was given none.</summary>
    public abstract long NextSeed();

    /// <summary>Takes note of a bus that was built on it.</summary>
    public abstract void Add(IWorkInHand bus);

    /// <summary>Awaited, lets others go on first, as many as the thread chooses.</summary>
#pragma warning disable RS0030 // This is the door.
    public static System.Runtime.CompilerServices.YieldAwaitable Pause() => Task.Yield();
#pragma warning restore RS0030
}

/// <summary>What a bus has in hand, for whoever waits for it in vain.</summary>
internal interface IWorkInHand
{
    /// <summary>Whether a handler has not returned.</summary>
    bool AnyRunning();

    /// <summary>A line for each subscription that has something in hand.</summary>
    IEnumerable<string> Describe();
}
