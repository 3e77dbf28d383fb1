namespace EventBus.BehaviourTests.Support;

internal static class Streams
{
    public static async Task<List<T>> CollectAsync<T>(this IAsyncEnumerable<T> stream)
    {
        var all = new List<T>();
        await foreach (var one in stream)
            all.Add(one);
        return all;
    }
}
