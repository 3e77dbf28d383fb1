using EventBus.Lifecycle;
using EventBus.Queueing;

namespace EventBus.BehaviourTests.Support;

/// <summary>A place where handlers wait until the test lets them go on.</summary>
/// <param name="count">So many must have come before <see cref="Entered"/> completes.</param>
internal sealed class HeldHandler(int count = 1)
{
    private readonly TaskCompletionSource _entered = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _open = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _missing = count;

    /// <summary>All that are expected are inside at the same time.</summary>
    public Task Entered => _entered.Task.Soon();

    public ValueTask HoldAsync()
    {
        if (Interlocked.Decrement(ref _missing) == 0)
            _entered.SetResult();
        return new(_open.Task);
    }

    /// <summary>As <see cref="HoldAsync"/>, and to the idle signal it is as one that waits for time: see <see cref="BusSignals.WhenStill"/>.</summary>
    public async ValueTask HoldStillAsync(IEventBus bus)
    {
        var worker = WorkerMark.Current!; // A worker calls it.
        var held = HoldAsync();
        worker.AwaitsTime = true;
        ((Bus)bus).Idle.Check();
        await held;
        worker.AwaitsTime = false;
    }

    public void Open() => _open.TrySetResult();
}
