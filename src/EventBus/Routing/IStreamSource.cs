using System.Runtime.ExceptionServices;
using EventBus.Timing;

namespace EventBus.Routing;

/// <summary>Where a stream's one reader gets its events.</summary>
internal interface IStreamSource
{
    /// <summary>Signalled when a look is worth while again.</summary>
    Wakeup News { get; }

    /// <summary>Why the stream has ended, if it was not in good order. Known once a look says that it has ended.</summary>
    ExceptionDispatchInfo? Failure { get; }

    /// <summary>Takes the next event, made ready by the reader.</summary>
    StreamLook Look<TEvent>(out StreamedEvent<TEvent>? next)
        where TEvent : notnull;

    /// <summary>The reader has gone. What waits is dropped, and the stream ends.</summary>
    ValueTask LeaveAsync();
}
