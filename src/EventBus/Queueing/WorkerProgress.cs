namespace EventBus.Queueing;

/// <summary>What the workers of a queue have begun. Written for every delivery, and therefore alone on its cache lines.</summary>
internal sealed class WorkerProgress<T>
{
#pragma warning disable CS0169, CA1823, IDE0051 // Room to the neighbours.
    private readonly Padding _before;

    /// <summary>About how many deliveries have begun so far: it tells that there is progress, and counts nothing.</summary>
    public long Begun;

    /// <summary>Who began the latest one.</summary>
    public Worker<T>? Latest;

    private readonly Padding _after;
#pragma warning restore CS0169, CA1823, IDE0051
}
