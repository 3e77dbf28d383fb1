namespace EventBus.StoreContract;

/// <summary>Does something on many threads, begun at the same moment.</summary>
internal static class Together
{
    private static readonly TimeSpan s_safetyNet = TimeSpan.FromSeconds(60);

    public static async Task<T[]> RunAsync<T>(int count, Func<int, ValueTask<T>> work)
    {
        using var start = new Barrier(count);
        var runs = Enumerable.Range(0, count).Select(i => Task.Factory.StartNew(
            async () =>
            {
                start.SignalAndWait(s_safetyNet);
                return await work(i);
            },
            CancellationToken.None,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default).Unwrap());
        return await Task.WhenAll(runs).WaitAsync(s_safetyNet);
    }
}
