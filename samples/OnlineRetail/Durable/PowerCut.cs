using System.Diagnostics;

namespace OnlineRetail.Durable;

/// <summary>Ends the process in the middle of its work, as a power cut would: nothing is stopped, flushed or disposed.</summary>
public sealed class PowerCut(long? after)
{
    private long _published;

    public void Count()
    {
        if (Interlocked.Increment(ref _published) == after)
            Process.GetCurrentProcess().Kill();
    }
}
