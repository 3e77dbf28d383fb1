namespace EventBus.Timing;

/// <summary>A thread that really is one.</summary>
internal sealed class SleepingThread : OwnThread
{
    private readonly object _gate = new();
    private readonly IThreadWork _work;
    private readonly int _naps;
    private bool _asleep;

    public SleepingThread(string name, IThreadWork work, int naps)
    {
        _work = work;
        _naps = naps;
#pragma warning disable RS0030 // This is the door.
        new Thread(Run) { IsBackground = true, Name = name }.UnsafeStart();
#pragma warning restore RS0030
    }

    public override void Wake()
    {
        // Pairs with the one in Sleep: either this sees that it sleeps, or it sees the work before it does.
        Interlocked.MemoryBarrier();
        if (!Volatile.Read(ref _asleep))
            return;
        lock (_gate)
            Monitor.Pulse(_gate);
    }

    private void Run()
    {
        for (var naps = 0; ;)
        {
            if (_work.HasMore)
            {
                if (!_work.DoNext())
                    return;
                naps = 0;
            }
            else if (naps < _naps)
            {
                naps++;
                WorkStarter.Nap();
            }
            else
            {
                Sleep();
            }
        }
    }

    private void Sleep()
    {
        lock (_gate)
        {
            _asleep = true;
            // Pairs with the one in Wake.
            Interlocked.MemoryBarrier();
            if (!_work.HasMore)
                Monitor.Wait(_gate);
            _asleep = false;
        }
    }
}
