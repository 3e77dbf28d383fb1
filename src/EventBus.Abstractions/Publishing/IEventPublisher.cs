namespace EventBus;

/// <summary>States facts. The publisher knows nobody who listens; the bus routes each event by its runtime type.</summary>
/// <remarks>
/// Thread-safe and not disposable. Resolved from a dependency injection scope it knows the delivery that runs in this
/// scope, so that what it publishes carries the right correlation and causation ids.
/// <see cref="EventPublisherExtensions"/> adds the form without options.
/// </remarks>
public interface IEventPublisher
{
    /// <summary>Publishes one event.</summary>
    /// <typeparam name="TEvent">Any type. Routing goes by the runtime type of <paramref name="event"/>, so an event that is only
    /// known as <see cref="object"/> or as an interface reaches the same subscriptions.</typeparam>
    /// <param name="event">The fact. It must not change after it was published: every subscription sees the same instance.</param>
    /// <param name="options">The event's attributes, or <see langword="null"/> for none.</param>
    /// <param name="cancellationToken">Bounds waiting for the commit to the event log and for room in a full queue, and is handed to inline handlers. It never
    /// reaches a queued or durable handler. Cancelled before the call, nobody gets the event.</param>
    /// <returns>Completes when the event is committed to the event log, where a durable subscription gets it, then is in the queue of every queued subscription, and
    /// every inline handler has run.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="event"/> is <see langword="null"/>.</exception>
    /// <exception cref="ArgumentException">The event is a <see cref="Task"/>, or a collection that nobody subscribes to, which
    /// is almost always a forgotten <see langword="await"/> or a meant <see cref="PublishManyAsync"/>; or it goes into the event log and cannot be stored there: it is not known by name, cannot be
    /// serialized, or is too large.</exception>
    /// <exception cref="QueueFullException">A subscription that rejects when it is full was full, or a handler published more
    /// than its own bus has room for. It names who refused the event and who has it.</exception>
    /// <exception cref="EventBusStoppedException">The bus is stopping, stopped or disposed. The event was not accepted.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled: before the call, and nobody has the
    /// event; or while a full queue was waited for, and then that subscription does not get it, which it counts and logs as
    /// missed, while all others have it; or while it was written to the event log, and then no queued and no inline handler gets it, and the message says whether it may be in the log.</exception>
    /// <exception cref="PublishException">The event log failed (<c>EventLogException</c>): the event is not known to be in the log, and nobody else gets it.</exception>
    /// <exception cref="Exception">An inline handler failed: the event was accepted. One failure is thrown as it is, several as an
    /// <see cref="AggregateException"/>. Besides a cancellation, only exceptions derived from <see cref="PublishException"/> mean that
    /// the event was not, or not by all, accepted.</exception>
    ValueTask PublishAsync<TEvent>(TEvent @event, PublishOptions? options, CancellationToken cancellationToken = default)
        where TEvent : notnull;

    /// <summary>Publishes several events, in the order of the list, each as <see cref="PublishAsync{TEvent}"/> would. Those that go to the event log are committed
    /// there in one transaction, before anybody gets any.</summary>
    /// <param name="events">The events. An empty list does nothing.</param>
    /// <param name="options">Attributes given to each event. <see cref="PublishOptions.Id"/> is refused for more than one event.</param>
    /// <param name="cancellationToken">As in <see cref="PublishAsync{TEvent}"/>; checked before each event.</param>
    /// <exception cref="ArgumentException">An element is <see langword="null"/>, the options carry an id for several events, or one goes into the event log and cannot be stored; nothing was published.</exception>
    /// <exception cref="PublishManyException">Some events were not accepted. It names them; all others were.</exception>
    /// <exception cref="PublishException">The event log failed (<c>EventLogException</c>): nobody gets any of them, unless they are in the log after all.</exception>
    /// <exception cref="AggregateException">All events were accepted; the inline handlers' failures are inside.</exception>
    ValueTask PublishManyAsync<TEvent>(IReadOnlyList<TEvent> events, PublishOptions? options = null, CancellationToken cancellationToken = default)
        where TEvent : notnull;

    /// <summary>Publishes an event at a later time.</summary>
    /// <param name="event">The event.</param>
    /// <param name="dueTime">When it is published. A time in the past publishes it at once.</param>
    /// <param name="options">The event's attributes. <see cref="PublishOptions.TimeToLive"/> counts from the due time.</param>
    /// <param name="cancellationToken">Cancelled before the call, nothing is scheduled. It does not cancel a scheduled event:
    /// <see cref="CancelScheduledAsync"/> does.</param>
    /// <returns>What <see cref="CancelScheduledAsync"/> takes.</returns>
    /// <remarks>An event that a durable subscription gets is kept in the event log, survives restarts, and is published once, when it is due. Any other is kept in memory: what is still due
    /// when the bus stops is named in the receipt.</remarks>
    /// <exception cref="EventBusStoppedException">The bus is stopping, stopped or disposed.</exception>
    ValueTask<ScheduledEvent> ScheduleAsync<TEvent>(TEvent @event, DateTimeOffset dueTime, PublishOptions? options = null, CancellationToken cancellationToken = default)
        where TEvent : notnull;

    /// <summary>Publishes an event after a delay, which runs on monotonic time: a clock that is set does not move it.</summary>
    /// <param name="event">The event.</param>
    /// <param name="delay">How long to wait; zero or less publishes at once.</param>
    /// <param name="options">The event's attributes. <see cref="PublishOptions.TimeToLive"/> counts from the due time.</param>
    /// <param name="cancellationToken">Cancelled before the call, nothing is scheduled.</param>
    /// <inheritdoc cref="ScheduleAsync{TEvent}(TEvent, DateTimeOffset, PublishOptions?, CancellationToken)" path="/returns|/exception"/>
    ValueTask<ScheduledEvent> ScheduleAsync<TEvent>(TEvent @event, TimeSpan delay, PublishOptions? options = null, CancellationToken cancellationToken = default)
        where TEvent : notnull;

    /// <summary>Takes a scheduled event back.</summary>
    /// <returns><see langword="true"/> if it will not be published; <see langword="false"/> if it already was, or is unknown.</returns>
    ValueTask<bool> CancelScheduledAsync(ScheduledEvent scheduled, CancellationToken cancellationToken = default);

    /// <summary>A publisher bound to one event type: its route is found once. For hot loops.</summary>
    IEventPublisher<TEvent> For<TEvent>()
        where TEvent : notnull;
}
