namespace EventBus;

/// <summary>Stands for an event whose stored bytes could not be turned into one: in a <see cref="DeadLetter"/>, or read from the log.</summary>
/// <param name="Type">The stored name of the event's type.</param>
/// <param name="TypeVersion">The stored version of its shape.</param>
/// <param name="Body">The stored bytes.</param>
/// <param name="Problem">What is wrong, and what to do.</param>
public sealed record UnreadableEvent(string Type, int TypeVersion, ReadOnlyMemory<byte> Body, string Problem)
{
    /// <summary>What the serializer threw, where it did.</summary>
    internal Exception? Error { get; init; }
}
