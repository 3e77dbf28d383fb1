namespace EventBus.Testing;

/// <summary>The lives of the buses of one container. They share a clock and publish to each other: time goes on for all of them, and a test that waits waits for all.</summary>
internal sealed class LivesTogether
{
    private readonly object _gate = new();
    private readonly List<Life> _lives = [];

    /// <summary>Those in which something may still happen, in the order in which they were built.</summary>
    public IReadOnlyList<Life> All
    {
        get
        {
            lock (_gate)
                return [.. _lives.Where(static life => !life.IsOver && life.Bus.State != EventBusState.Disposed)];
        }
    }

    public void Add(Life life)
    {
        lock (_gate)
            _lives.Add(life);
    }

    public void Remove(Life life)
    {
        lock (_gate)
            _lives.Remove(life);
    }
}
