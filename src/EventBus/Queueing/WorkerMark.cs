namespace EventBus.Queueing;

/// <summary>Tells, from anywhere below a handler, that a queued delivery is running and whose it is. Set once for each worker
/// loop, read only when there is no room or the bus is stopping.</summary>
internal static class WorkerMark
{
    private static readonly AsyncLocal<IWorker?> s_current = new();

    public static IWorker? Current => s_current.Value;

    public static void Set(IWorker worker) => s_current.Value = worker;

    /// <summary>Whether the caller runs below a handler of this bus.</summary>
    public static bool IsOf(object bus) => ReferenceEquals(s_current.Value?.Bus, bus);
}

/// <summary>A worker, seen from outside its subscription.</summary>
internal interface IWorker
{
    /// <summary>The bus it works for, for comparison only.</summary>
    object Bus { get; }

    /// <summary>Set while its handler waits for the bus to stop: the stop must not wait for it in turn.</summary>
    bool AwaitsStop { get; set; }

    /// <summary>Set while its handler waits for a subscription to end: no end waits for it in turn.</summary>
    bool AwaitsEnd { get; set; }

    /// <summary>Set by a test while its handler waits for the clock.</summary>
    bool AwaitsTime { get; set; }
}
