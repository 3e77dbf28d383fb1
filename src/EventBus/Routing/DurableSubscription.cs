using EventBus.Observing;
using EventBus.Recording;
using EventBus.Settling;
using EventBus.Storage;

namespace EventBus.Routing;

/// <summary>A subscription that reads the log, seen by the bus's life cycle.</summary>
internal abstract class DurableSubscription(string name, Type[] eventTypes, SubscriptionCounters counters)
    : BackgroundSubscription(name, DeliveryMode.Durable, eventTypes, counters), ICounted
{
    /// <summary>Where it begins if the log does not know it.</summary>
    public required LogPosition StartFrom { get; init; }

    /// <summary>Names that it had before.</summary>
    public required IReadOnlyList<string> FormerNames { get; init; }

    /// <summary>The stored names of its event types that are known by now.</summary>
    public required IReadOnlyList<string> EventTypeNames { get; init; }

    /// <summary>Goes on from what is stored.</summary>
    public abstract void Begin(LogSession session, LogSubscription state, IReadOnlyList<LogDelivery> deliveries, bool isCareful);

    /// <summary>Goes on from what is stored after a replay has ended what it began, unless a stop was quicker.</summary>
    /// <returns>Whether it does.</returns>
    public abstract bool TryBeginAgain(LogSession session, LogSubscription state, IReadOnlyList<LogDelivery> deliveries);

    /// <summary>Starts reading, after the writer has been started.</summary>
    public abstract void GoOn();

    /// <summary>A stop begins: a lagging subscription reads no further, and no replay begins anything anew.</summary>
    public abstract void BeginStop();

    /// <summary>Lets what began in this session of the log deliver nothing, or lets it go on. A stop that came in between holds it all the same.</summary>
    public abstract void HoldForReplay(bool on, LogSession session);

    /// <summary>Completes when the last replay that was asked for is over. Whoever asks for another waits for it; the caller sees to it that two do not exchange it at once.</summary>
    public Task Replayed { get; set; } = Task.CompletedTask;

    /// <summary>Keeps what is read and not settled up to a position to which it is about to be moved.</summary>
    /// <returns>How many sequences it passes unread.</returns>
    public abstract long KeepUpTo(long position);

    /// <summary>Completes when what has changed so far is stored.</summary>
    public abstract Task FlushAsync();

    /// <summary>Stores what is left to store, and ends what began with <see cref="Begin"/>.</summary>
    /// <param name="patience">Completes when the storing is not waited for any longer.</param>
    /// <param name="session">Only what began in this session of the log; <see langword="null"/> for whatever runs.</param>
    public abstract Task EndRunAsync(Task patience, LogSession? session = null);

    /// <summary>Brings its part of a stop's receipt up to date, when nothing reaches the log any more.</summary>
    public abstract SubscriptionReceipt Conclude(SubscriptionReceipt account);

    /// <summary>Completes when no handler runs any more, but for the caller's own.</summary>
    public abstract Task WhenNoneRunsAsync(Queueing.IWorker? caller);

    /// <summary>With what it began, its position apart; it has begun.</summary>
    public abstract LogSubscription State { get; }

    /// <summary>Up to where it has read.</summary>
    public abstract long ReadUpTo { get; }

    /// <summary>Delivers a dead letter again, whose mark and delivery are stored already.</summary>
    public abstract void Redrive(long sequence, long deadLetterId, string? key);

    /// <summary>The key whose order an event of it keeps.</summary>
    public abstract string? KeyOf(object @event, LogRecord record);

    public abstract long Done(bool parkedCounts);

    public abstract long Begun(bool parkedCounts);
}
