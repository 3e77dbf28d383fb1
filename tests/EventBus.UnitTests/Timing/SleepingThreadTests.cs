using System.Collections.Concurrent;
using EventBus.Timing;

namespace EventBus.UnitTests.Timing;

public sealed class SleepingThreadTests
{
    private static readonly TimeSpan s_safetyNet = TimeSpan.FromSeconds(60);

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    public void Work_is_done_in_order_by_a_thread_of_its_own_until_it_ends(int naps)
    {
        using var work = new Jobs();
        var thread = new SleepingThread("worker", work, naps);

        for (var number = 0; number < 100; number++)
            work.Add(number);
        work.End();
        thread.Wake();

        Assert.True(work.Ended.Wait(s_safetyNet));
        Assert.Equal(Enumerable.Range(0, 100), work.Done);
        Assert.Equal(["worker"], work.Threads.Distinct());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    public void It_wakes_for_every_piece_of_work_whenever_that_comes(int naps)
    {
        using var work = new Jobs();
        var thread = new SleepingThread("worker", work, naps);

        // Each comes about when the thread, done with the one before, goes to sleep.
        for (var number = 0; number < 50_000; number++)
        {
            work.Add(number);
            thread.Wake();
            Assert.True(work.OneDone.Wait(s_safetyNet));
        }

        work.End();
        thread.Wake();
        Assert.True(work.Ended.Wait(s_safetyNet));
    }

    private sealed class Jobs : IThreadWork, IDisposable
    {
        private readonly ConcurrentQueue<int> _jobs = new();
        private volatile bool _ends;

        public List<int> Done { get; } = [];

        public List<string?> Threads { get; } = [];

        public SemaphoreSlim OneDone { get; } = new(0);

        public ManualResetEventSlim Ended { get; } = new();

        public bool HasMore => !_jobs.IsEmpty || _ends;

        public void Add(int job) => _jobs.Enqueue(job);

        public void End() => _ends = true;

        public bool DoNext()
        {
            if (!_jobs.TryDequeue(out var job))
            {
                Ended.Set();
                return false;
            }

            Done.Add(job);
            Threads.Add(Thread.CurrentThread.Name);
            OneDone.Release();
            return true;
        }

        public void Dispose()
        {
            OneDone.Dispose();
            Ended.Dispose();
        }
    }
}
