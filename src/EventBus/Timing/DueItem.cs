namespace EventBus.Timing;

/// <summary>Something that waits for its time in a <see cref="DueQueue"/>.</summary>
internal abstract class DueItem
{
    /// <summary>When, in <see cref="Clock.Now"/> ticks.</summary>
    internal long DueAt;

    /// <summary>Breaks ties: what was added first is due first.</summary>
    internal long Order;

    /// <summary>The place in the queue, or -1 while it is in none.</summary>
    internal int Position = -1;

    /// <summary>Called on the timer's thread when the time has come. Must be short, must not run anybody else's code, must not throw.</summary>
    public abstract void OnDue();
}
