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

    public void Open() => _open.TrySetResult();
}
