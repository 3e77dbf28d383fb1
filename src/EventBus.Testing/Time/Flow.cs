using EventBus.Queueing;

namespace EventBus.Testing;

/// <summary>One attempt, or one publish, as long as it runs: whether it waits for the clock.</summary>
/// <remarks>What a handler calls is its flow too; so what waits below it lets it wait.</remarks>
internal sealed class Flow
{
    private static readonly AsyncLocal<Flow?> s_current = new();

    private readonly object _gate = new();
    private readonly Flow? _parent = s_current.Value;
    private readonly IWorker? _worker;
    private readonly Action _changed;
    private int _armed;
    private int _waitsForRoom;
    private bool _ended;

    /// <param name="worker">The worker whose attempt it is; none for an inline delivery and a publish.</param>
    /// <param name="changed">Told when it begins to wait.</param>
    public Flow(IWorker? worker, Action changed)
    {
        _worker = worker;
        _changed = changed;
    }

    public static Flow? Current
    {
        get => s_current.Value;
        set => s_current.Value = value;
    }

    /// <summary>The publish that it is; nothing for an attempt.</summary>
    public RecordedEvent? Publishes { get; init; }

    public bool AwaitsTime => Volatile.Read(ref _armed) > 0;

    public bool WaitsForRoom => Volatile.Read(ref _waitsForRoom) > 0;

    public void Arm()
    {
        for (var flow = this; flow is not null; flow = flow._parent)
            flow.Count(1);
        _changed();
    }

    public void Disarm()
    {
        for (var flow = this; flow is not null; flow = flow._parent)
            flow.Count(-1);
    }

    public void WaitForRoom(bool begins)
    {
        Interlocked.Add(ref _waitsForRoom, begins ? 1 : -1);
        _changed();
    }

    public void End()
    {
        lock (_gate)
        {
            _ended = true;
            Tell(false);
        }
    }

    private void Count(int change)
    {
        lock (_gate)
        {
            _armed += change;
            if (!_ended)
                Tell(_armed > 0);
        }
    }

    private void Tell(bool awaits)
    {
        if (_worker is not null)
            _worker.AwaitsTime = awaits;
    }
}
