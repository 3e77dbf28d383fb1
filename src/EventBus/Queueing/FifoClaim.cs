using EventBus.Events;

namespace EventBus.Queueing;

/// <summary>What the worker of a <see cref="FifoQueue{T}"/> has claimed and works through alone.</summary>
/// <remarks>An object of its own, with room around its fields: publishers write to the queue's memory with every event, and a
/// worker that shared a cache line with them would wait for it with every event.</remarks>
internal sealed class FifoClaim<T>
{
#pragma warning disable CS0169, CA1823, IDE0051 // Room to the neighbours.
    private readonly Padding _before;

    /// <summary>Set when the worker must look beyond its claim.</summary>
    public volatile bool Attention;

    /// <summary>Keys that are closed because a delivery of theirs is parked.</summary>
    public ParkedKeys<T>? ParkedKeys;

    public Ring<T> Ring = new();
    public long Next;
    public long End;

    /// <summary>Deliveries begun whose room has not been given back.</summary>
    public int Begun;
    public long ReleasedAt;

    private readonly Padding _after;
#pragma warning restore CS0169, CA1823, IDE0051
}
