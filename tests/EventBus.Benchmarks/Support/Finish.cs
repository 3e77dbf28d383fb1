namespace EventBus.Benchmarks.Support;

/// <summary>Completes when so many counters have counted to their end.</summary>
internal sealed class Finish
{
    private TaskCompletionSource _source = new();
    private int _left;

    public Task Reached => _source.Task;

    public void Reset(int counters)
    {
        _source = new(TaskCreationOptions.RunContinuationsAsynchronously);
        _left = counters;
    }

    public void Signal()
    {
        if (Interlocked.Decrement(ref _left) == 0)
            _source.SetResult();
    }
}
