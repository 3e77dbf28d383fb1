namespace EventBus.Sqlite.Tests.Support;

/// <summary>Waits for signals.</summary>
internal static class Signals
{
    /// <summary>Only a safety net: no test measures it.</summary>
    private static readonly TimeSpan s_safetyNet = TimeSpan.FromSeconds(60);

    public static Task Soon(this Task signal) => signal.WaitAsync(s_safetyNet);

    public static Task<T> Soon<T>(this Task<T> signal) => signal.WaitAsync(s_safetyNet);
}
