using EventBus.Checkpointing;
using EventBus.Recording;

namespace EventBus.Routing;

/// <summary>A durable subscription from one start, or one replay, to the next: its feed, its queue and its workers.</summary>
internal sealed record DurableRun<T>(LogSession Session, Feed<T> Feed, QueuedSubscription<T> Workers);
