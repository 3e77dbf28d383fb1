namespace EventBus.Timing;

/// <summary>The one place that starts work on a thread.</summary>
internal sealed class WorkStarter
{
    private const int NapSpins = 60;

    // Never the starter's local queue: what is started must not wait behind what the starter does next.
#pragma warning disable RS0030, CA1822 // This is the door; it is an instance because a bus may bring its own.
    public void Start(IThreadPoolWorkItem work) => ThreadPool.UnsafeQueueUserWorkItem(work, preferLocal: false);
#pragma warning restore RS0030, CA1822

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

    public void Start(Func<Task> work) => Start(new Job(work));

    /// <summary>Starts a thread of the bus's own, for calls that block: they must not take the thread pool's threads.</summary>
#pragma warning disable RS0030, CA1822 // This is the door; it is an instance because a bus may bring its own.
    public void StartThread(string name, Action work)
    {
        var thread = new Thread(() => work()) { IsBackground = true, Name = name };
        thread.UnsafeStart();
    }
#pragma warning restore RS0030, CA1822

    private sealed class Job(Func<Task> work) : IThreadPoolWorkItem
    {
        public void Execute() => _ = work();
    }
}
