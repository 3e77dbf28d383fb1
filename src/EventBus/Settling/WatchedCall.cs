using EventBus.Timing;

namespace EventBus.Settling;

/// <summary>A call into the application's code while a delivery is settled: where it does not return in time, that is said, its token is cancelled, and whoever waits may go on.</summary>
/// <remarks>Handlers have their own watch. This one makes objects for each call, which only a dead letter pays for.</remarks>
internal sealed class WatchedCall : DueItem, IThreadPoolWorkItem, IDisposable
{
    private readonly DueTimer _timer;
    private readonly WorkStarter _starter;
    private readonly Action _onLate;
    private readonly CancellationTokenSource _cancellation = new();
    private readonly TaskCompletionSource _late = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public WatchedCall(DueTimer timer, WorkStarter starter, TimeSpan limit, Action onLate)
    {
        _timer = timer;
        _starter = starter;
        _onLate = onLate;
        if (limit != Timeout.InfiniteTimeSpan)
            timer.Add(this, limit);
    }

    /// <summary>Cancelled at the limit.</summary>
    public CancellationToken Token => _cancellation.Token;

    /// <summary>Done at the limit.</summary>
    public Task Late => _late.Task;

    // Not on the timer's thread: the application's logger, and what it registered with the token, run here.
    public override void OnDue() => _starter.Start(this);

    void IThreadPoolWorkItem.Execute()
    {
        try
        {
            _onLate();
            _cancellation.Cancel();
        }
        catch (AggregateException)
        {
            // What the application registered with the token threw; the call is left to itself all the same.
        }
        finally
        {
            _late.TrySetResult();
        }
    }

    // The source is left to the collector: the call that was left to itself may still use the token.
    public void Dispose() => _timer.Remove(this);
}
