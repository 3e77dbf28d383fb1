namespace EventBus.Hosting.Tests.Support;

internal static class Signals
{
    private static readonly TimeSpan s_safetyNet = TimeSpan.FromSeconds(60);

    /// <summary>Waits for a signal that a test gives; the limit is a safety net, not a measure.</summary>
    public static Task Soon(this Task signal) => signal.WaitAsync(s_safetyNet);

    /// <inheritdoc cref="Soon(Task)"/>
    public static Task<T> Soon<T>(this Task<T> signal) => signal.WaitAsync(s_safetyNet);

    /// <summary>Does something again and again, until what it leads to has come.</summary>
    public static async Task UntilAsync(Func<bool> hasCome, Action? again = null)
    {
        var net = Task.Delay(s_safetyNet);
        while (!hasCome())
        {
            if (net.IsCompleted)
                throw new TimeoutException("What was waited for has not come.");
            again?.Invoke();
            await Task.Yield();
        }
    }
}

/// <summary>A handler's door: it tells that somebody came, and lets them pass when it is opened.</summary>
internal sealed class Door
{
    private readonly TaskCompletionSource _entered = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _opened = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task Entered => _entered.Task.Soon();

    public void Open() => _opened.TrySetResult();

    /// <summary>Waits, whatever the token says.</summary>
    public async ValueTask HoldAsync()
    {
        _entered.TrySetResult();
        await _opened.Task;
    }

    public async ValueTask PassAsync(CancellationToken cancellationToken)
    {
        _entered.TrySetResult();
        await _opened.Task.WaitAsync(cancellationToken);
    }
}
