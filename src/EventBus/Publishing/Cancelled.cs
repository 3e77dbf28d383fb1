using EventBus.Events;

namespace EventBus.Publishing;

/// <summary>Says what became of a publish whose token was cancelled.</summary>
internal static class Cancelled
{
    /// <summary>Nothing has happened yet. As a task that is cancelled, and not failed.</summary>
    public static async ValueTask BeforeItBegan(Type eventType, CancellationToken cancellationToken) => throw Error(eventType, cancellationToken);

    /// <inheritdoc cref="BeforeItBegan(Type, CancellationToken)"/>
    public static async ValueTask<T> BeforeItBegan<T>(Type eventType, CancellationToken cancellationToken) => throw Error(eventType, cancellationToken);

    public static void Throw(Type eventType, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
            throw Error(eventType, cancellationToken);
    }

    private static OperationCanceledException Error(Type eventType, CancellationToken cancellationToken) =>
        new($"The publisher cancelled before its '{CodeNames.Full(eventType)}' was published: its token was cancelled. No subscription has the event, and the event log has not.", cancellationToken);
}
