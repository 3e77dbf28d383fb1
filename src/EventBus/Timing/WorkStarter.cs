namespace EventBus.Timing;

/// <summary>The one place that starts work on a thread. Chosen when a bus is built: threads and the thread pool, or <see cref="OneThread"/>.</summary>
internal abstract class WorkStarter
{
    private const int NapSpins = 60;

    // By far most of these give up the processor, some for a millisecond.
    private const int MostSpins = 20_000;

    /// <summary>The one for whatever is built here and now.</summary>
    public static WorkStarter Here => OneThread.Current?.Starter ?? ThreadStarter.Instance;

    /// <summary>After so many deliveries in a row a worker lets others have their turn.</summary>
    public abstract int DeliveriesInARow { get; }

    /// <summary>Whether others may go on after each publish, before its publisher does.</summary>
    public virtual bool PublishersPause => false;

    /// <summary>Has work done soon, and never before this returns.</summary>
    public abstract void Start(IThreadPoolWorkItem work);

    public void Start(Func<Task> work) => Start(new Job(work));

    /// <summary>Has calls that block done by a thread of the bus's own: they must not take the thread pool's threads.</summary>
    /// <param name="name">The thread's name.</param>
    /// <param name="work">What it does.</param>
    /// <param name="naps">How often it looks again before it sleeps.</param>
    public abstract OwnThread StartThread(string name, IThreadWork work, int naps = 0);

    /// <summary>Blocks the caller until a task is done.</summary>
    public abstract void Wait(Task task);

    /// <summary>Does nothing for about a microsecond, for a worker that expects more to do at any moment.</summary>
    public static void Nap()
    {
#pragma warning disable RS0030 // This is the door.
        if (Environment.ProcessorCount > 1)
            Thread.SpinWait(NapSpins);
#pragma warning restore RS0030
    }

    /// <summary>Waits for another thread that is a few instructions away from writing a value.</summary>
    public static void SpinUntil(ref long place, long value)
    {
        var spin = default(SpinWait);
        while (Volatile.Read(ref place) != value)
            spin.SpinOnce();
    }

    /// <summary>Waits for another thread that is a few instructions away from writing another value; or for some seconds at most, should it not be.</summary>
    public static void SpinWhile(ref long place, long value)
    {
        var spin = default(SpinWait);
        while (Volatile.Read(ref place) == value && spin.Count < MostSpins)
            spin.SpinOnce();
    }

    private sealed class Job(Func<Task> work) : IThreadPoolWorkItem
    {
        public void Execute() => _ = work();

        public override string ToString() => $"{work.Method.DeclaringType?.Name}.{work.Method.Name}";
    }
}
