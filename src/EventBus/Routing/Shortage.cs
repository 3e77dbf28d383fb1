namespace EventBus.Routing;

/// <summary>Who had no room for an event when it took its places: publishers wait for some of these subscriptions, and the others have refused.</summary>
internal struct Shortage<T>
{
    /// <summary>Those that are waited for; from the shared pool, and given back when they were.</summary>
    public (QueueTarget<T> Target, ValueTask Room)[]? Waiting;
    public int Waits;

    public Refusals? Refusals;

    public readonly bool IsNone => Waiting is null && Refusals is null;
}
