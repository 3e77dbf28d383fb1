namespace EventBus.Timing;

/// <summary>Waits for a time to have passed, unless it is disposed before.</summary>
internal sealed class DueSignal : DueItem, IDisposable
{
    private readonly TaskCompletionSource _reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly DueTimer _timer;

    public DueSignal(DueTimer timer, TimeSpan after)
    {
        _timer = timer;
        timer.Add(this, after);
    }

    public async Task WhenDueAsync() => await _reached.Task.AnyContext();

    public override void OnDue() => _reached.TrySetResult();

    public void Dispose() => _timer.Remove(this);
}
