namespace EventBus.Timing;

/// <summary>A thread of the bus's own, which does one piece of its work after the other and sleeps where there is none.</summary>
internal abstract class OwnThread
{
    /// <summary>There is work. Called after the work can be seen; a call too many does no harm.</summary>
    public abstract void Wake();
}

/// <summary>What a thread of the bus's own does. Only that thread calls it.</summary>
internal interface IThreadWork
{
    /// <summary>Whether there is something to do, or it is to end.</summary>
    bool HasMore { get; }

    /// <summary>Does the next piece. Called where there is more; must not throw.</summary>
    /// <returns>Whether it goes on; if not, the thread ends.</returns>
    bool DoNext();
}
