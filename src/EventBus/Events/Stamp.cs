namespace EventBus.Events;

/// <summary>When an event was published and which of the bus's events it is. Its id and its time follow from this alone.</summary>
/// <param name="UtcTicks">The time of publishing, to the resolution of a cheap clock.</param>
/// <param name="Number">Unique in the bus; grows on each thread.</param>
internal readonly record struct Stamp(long UtcTicks, long Number)
{
    public DateTimeOffset Time => new(UtcTicks, TimeSpan.Zero);
}
