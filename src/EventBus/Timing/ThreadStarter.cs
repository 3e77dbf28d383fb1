namespace EventBus.Timing;

/// <summary>Starts work on the thread pool, and threads for what blocks.</summary>
internal sealed class ThreadStarter : WorkStarter
{
    public static readonly ThreadStarter Instance = new();

    private ThreadStarter()
    {
    }

    public override int DeliveriesInARow => 1024;

#pragma warning disable RS0030 // This is the door.
    // Never the starter's local queue: what is started must not wait behind what the starter does next.
    public override void Start(IThreadPoolWorkItem work) => ThreadPool.UnsafeQueueUserWorkItem(work, preferLocal: false);
#pragma warning restore RS0030

    public override OwnThread StartThread(string name, IThreadWork work, int naps = 0) => new SleepingThread(name, work, naps);

    public override void Wait(Task task) => task.GetAwaiter().GetResult();
}
