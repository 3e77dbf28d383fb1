namespace EventBus;

/// <summary>One or more subscriptions had no room and do not wait for it.</summary>
public sealed class QueueFullException : PublishException
{
    /// <summary>Creates the exception.</summary>
    public QueueFullException()
        : this("A queue is full.")
    {
    }

    /// <summary>Creates the exception.</summary>
    public QueueFullException(string message)
        : base(message)
    {
    }

    /// <summary>Creates the exception.</summary>
    public QueueFullException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }

    /// <summary>Creates the exception from who refused the event and who has it.</summary>
    /// <param name="eventType">The event's type.</param>
    /// <param name="refusedBy">The subscriptions that refused the event.</param>
    /// <param name="acceptedBy">The subscriptions that have it.</param>
    /// <param name="innerException">What inline handlers threw in the same publish, if any did.</param>
    public QueueFullException(string eventType, IReadOnlyList<string> refusedBy, IReadOnlyList<string> acceptedBy, Exception? innerException = null)
        : base(
            $"The queue of {Names(refusedBy)} is full: event '{eventType}' was not accepted there" +
            $" ({(acceptedBy.Count == 0 ? "nobody else has it" : $"accepted by {Names(acceptedBy)}")})." +
            " Publish again later, raise Capacity, or let publishers wait with WhenFull(QueueFullMode.Wait)." +
            " A handler never waits for room in its own bus: let this exception leave the handler, and its delivery is tried again without counting an attempt.",
            innerException)
    {
        RefusedBy = refusedBy;
        AcceptedBy = acceptedBy;
    }

    /// <summary>The subscriptions that refused the event.</summary>
    public IReadOnlyList<string> RefusedBy { get; } = [];

    /// <summary>The queued subscriptions that have the event all the same.</summary>
    public IReadOnlyList<string> AcceptedBy { get; } = [];

    private static string Names(IReadOnlyList<string> names) => string.Join(", ", names.Select(static name => $"'{name}'"));
}
