using System.Diagnostics;
using OnlineRetail.Reporting;

namespace OnlineRetail.Durable;

/// <summary>Ends the process in the middle of its work, as a crash or a power failure would: nothing is stopped, flushed or disposed. Only a line says before that it is on purpose.</summary>
public sealed class DeliberateCrash(long? after, Screen? screen)
{
    private long _published;

    public void Count()
    {
        if (Interlocked.Increment(ref _published) != after)
            return;
        screen?.Output.WriteLine($"\nKilled on purpose after {Screen.Count(after.Value, "published event", "published events")}. Run the same command without --kill-after: it continues where this run was.");
        screen?.Output.Flush();
        Process.GetCurrentProcess().Kill();
    }
}
