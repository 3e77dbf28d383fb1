namespace EventBus.Queueing;

/// <summary>How much room is taken, on cache lines of its own.</summary>
internal sealed class RoomCount
{
#pragma warning disable CS0169, CA1823, IDE0051 // Room to the neighbours.
    private readonly Padding _before;
    public int Used;
    private readonly Padding _after;
#pragma warning restore CS0169, CA1823, IDE0051
}
