using EventBus.Timing;

namespace EventBus.Checkpointing;

/// <summary>Notices that a subscription could read on if its queue had room, and that nothing in it moves: a delivery takes long, and what is behind it in the queue is of its own key.</summary>
/// <remarks>Its feed's lock is held by callers.</remarks>
internal sealed class Stall<T>(FeedParts<T> parts, Checkpoint checkpoint, Action<Stall<T>> onLook) : DueItem
{
    // A key whose deliveries are quick is left alone: what leaves the queue has to be read again.
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(1);

    private bool _isLooking;
    private long _settlings;

    /// <summary>There is no room to read on.</summary>
    public void Begin()
    {
        if (_isLooking)
            return;
        _isLooking = true;
        _settlings = checkpoint.Settlings;
        parts.Timer.Add(this, s_patience);
    }

    /// <summary>Its time is over.</summary>
    /// <returns>Whether nothing has moved meanwhile.</returns>
    public bool End()
    {
        _isLooking = false;
        return _settlings == checkpoint.Settlings;
    }

    public override void OnDue() => onLook(this);
}
