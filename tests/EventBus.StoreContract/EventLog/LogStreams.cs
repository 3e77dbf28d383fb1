using EventBus.Storage;

namespace EventBus.StoreContract;

/// <summary>Begins streams from an event log, and reads them.</summary>
public static class LogStreams
{
    // Only a safety net: no test measures it.
    private static readonly TimeSpan s_safetyNet = TimeSpan.FromSeconds(60);

    /// <summary>Begins a stream.</summary>
    public static IAsyncEnumerator<StreamedEvent<T>> Stream<T>(IEventBus bus, LogPosition from, int capacity = StreamOptions.DefaultCapacity)
        where T : notnull
    {
        ArgumentNullException.ThrowIfNull(bus);
        return bus.StreamAsync<T>(new StreamOptions { From = from, Capacity = capacity }).GetAsyncEnumerator();
    }

    /// <summary>The next event of a stream, which does not end before it.</summary>
    public static async Task<StreamedEvent<T>> NextAsync<T>(IAsyncEnumerator<StreamedEvent<T>> stream)
        where T : notnull
    {
        ArgumentNullException.ThrowIfNull(stream);
        Assert.True(await stream.MoveNextAsync().AsTask().WaitAsync(s_safetyNet));
        return stream.Current;
    }

    /// <summary>Where the next events of a stream stand in the log.</summary>
    public static async Task<List<long>> SequencesAsync<T>(IAsyncEnumerator<StreamedEvent<T>> stream, int count)
        where T : notnull
    {
        var sequences = new List<long>();
        while (sequences.Count < count)
            sequences.Add((await NextAsync(stream)).Metadata.Sequence!.Value);
        return sequences;
    }
}
