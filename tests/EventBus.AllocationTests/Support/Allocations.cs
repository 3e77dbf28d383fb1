namespace EventBus.AllocationTests.Support;

/// <summary>Counts what is allocated for each event.</summary>
internal static class Allocations
{
    public const int Events = 100_000;

    /// <summary>What one event may cost where the whole process is counted. Timers, the thread pool and the test runner allocate
    /// a little in any stretch of time; the smallest object, 24 bytes for each event, is far above it.</summary>
    public const double Tolerance = 1;

    private const int Rounds = 5;
    private const int SynchronousCalls = 10_000;

    /// <summary>Bytes of all calls together, on this thread alone: exact.</summary>
    public static long OfCalls(Func<ValueTask> call)
    {
        Call(call);
        Call(call);
        var before = GC.GetAllocatedBytesForCurrentThread();
        Call(call);
        return GC.GetAllocatedBytesForCurrentThread() - before;
    }

    /// <summary>Bytes of the whole process for each event: the least of some rounds, for what others allocate can only add to it.</summary>
    /// <param name="handleAsync">Has so many events handled.</param>
    /// <param name="events">How many in a round.</param>
    public static async Task<double> PerEventAsync(Func<int, Task> handleAsync, int events = Events)
    {
        await handleAsync(events);
        var least = double.MaxValue;
        for (var round = 0; round < Rounds; round++)
        {
            var before = GC.GetTotalAllocatedBytes(precise: true);
            await handleAsync(events);
            least = Math.Min(least, (double)(GC.GetTotalAllocatedBytes(precise: true) - before) / events);
        }

        return least;
    }

    private static void Call(Func<ValueTask> call)
    {
        for (var i = 0; i < SynchronousCalls; i++)
            Assert.True(call().AsTask().IsCompletedSuccessfully);
    }
}
