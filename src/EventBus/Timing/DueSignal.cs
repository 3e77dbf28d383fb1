namespace EventBus.Timing;

/// <summary>A task that completes after a time, unless it is disposed before.</summary>
internal sealed class DueSignal : DueItem, IDisposable
{
    private readonly TaskCompletionSource _reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly DueTimer _timer;

    public DueSignal(DueTimer timer, TimeSpan after)
    {
        _timer = timer;
        timer.Add(this, after);
    }

    public Task Task => _reached.Task;

    public override void OnDue() => _reached.TrySetResult();

    public void Dispose() => _timer.Remove(this);
}
