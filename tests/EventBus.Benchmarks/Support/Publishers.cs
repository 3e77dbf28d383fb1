namespace EventBus.Benchmarks.Support;

internal static class Publishers
{
    /// <summary>Runs a publishing loop several times at once, each for its share of the events.</summary>
    public static Task RunAsync(int publishers, int events, Func<int, Task> publishAsync)
    {
        if (publishers == 1)
            return publishAsync(events);
        var running = new Task[publishers];
        for (var i = 0; i < publishers; i++)
            running[i] = Task.Run(() => publishAsync(events / publishers));
        return Task.WhenAll(running);
    }
}
