namespace EventBus.Testing;

/// <summary>Tells what was published in the flow of whoever watches, and nothing that others publish meanwhile.</summary>
internal sealed class Stimulus : IDisposable
{
    private static readonly AsyncLocal<Stimulus?> s_current = new();

    private Action<RecordedEvent>? _found;

    private Stimulus(Action<RecordedEvent> found) => _found = found;

    public static Stimulus Watch(Action<RecordedEvent> found) => s_current.Value = new Stimulus(found);

    /// <summary>The first publish is the stimulus; what its handlers publish, in the same flow, is not.</summary>
    public static void Tell(RecordedEvent recorded)
    {
        if (s_current.Value is { } watching)
            Interlocked.Exchange(ref watching._found, null)?.Invoke(recorded);
    }

    public void Dispose() => s_current.Value = null;
}
