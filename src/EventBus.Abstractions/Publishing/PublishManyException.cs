namespace EventBus;

/// <summary>Some events of a <see cref="IEventPublisher.PublishManyAsync"/> were not accepted.</summary>
public sealed class PublishManyException : PublishException
{
    /// <summary>Creates the exception.</summary>
    public PublishManyException()
        : this("Some events were not accepted.")
    {
    }

    /// <summary>Creates the exception.</summary>
    public PublishManyException(string message)
        : base(message)
    {
    }

    /// <summary>Creates the exception.</summary>
    public PublishManyException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }

    /// <summary>Creates the exception from the failures.</summary>
    /// <param name="count">How many events the list had.</param>
    /// <param name="failures">What was thrown, by the event's index in the list.</param>
    public PublishManyException(int count, IReadOnlyDictionary<int, Exception> failures)
        : base(
            $"{failures.Count} of {count} events failed, at least one of them was not accepted. Failures names each by its index: publish again those whose exception is a PublishException.",
            failures.Count == 0 ? null : failures.First().Value) =>
        Failures = failures;

    /// <summary>What was thrown, by the event's index in the list. An exception that is no <see cref="PublishException"/> means that
    /// the event was accepted and an inline handler failed.</summary>
    public IReadOnlyDictionary<int, Exception> Failures { get; } = new Dictionary<int, Exception>();
}
