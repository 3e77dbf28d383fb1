namespace EventBus;

/// <summary>The bus: publishes, and is started, watched and stopped.</summary>
/// <remarks>
/// Thread-safe. Registered by <c>AddEventBus</c> as a singleton that the container disposes. Disposing stops gracefully, with
/// the default limit; it may be done at any moment and from any thread, also from a handler.
/// It does not know which delivery runs: in a handler take an <see cref="IEventPublisher"/>, or use <see cref="EventContext.Publisher"/>. What a handler publishes with the bus itself has no cause, and an inline handler of it with
/// <see cref="InlineScope.Caller"/> does not run in the publishing handler's scope, so that what it adds to a unit of work there is never saved. The analyzer EB0011 finds that.
/// </remarks>
public interface IEventBus : IEventPublisher, IAsyncDisposable, IDisposable
{
    /// <summary>The default limit of a graceful stop: 30 s.</summary>
    static readonly TimeSpan DefaultStopLimit = TimeSpan.FromSeconds(30);

    /// <summary>Whether it is started, stopped or between the two.</summary>
    EventBusState State { get; }

    /// <summary>The subscriptions, in the order in which they were added.</summary>
    IReadOnlyList<ISubscription> Subscriptions { get; }

    /// <summary>The deliveries that were given up.</summary>
    IDeadLetters DeadLetters { get; }

    /// <summary>The event log, if the bus has one: to read, to replay, to look after.</summary>
    IEventLogOperations EventLog { get; }

    /// <summary>The last of what happened, where <see cref="EventBusBuilder.UseFlightRecorder"/> switched it on; else nothing.</summary>
    IFlightRecorder? FlightRecorder { get; }

    /// <summary>Who gets what, as text and as a diagram.</summary>
    EventBusTopology Topology { get; }

    /// <summary>Starts the bus. The first publish does so too; with an event log do not wait for it, since until then durable subscriptions and what is scheduled stand still. Starting a bus that runs does nothing; one that was stopped goes on where it was.</summary>
    /// <exception cref="ObjectDisposedException">The bus is disposed.</exception>
    /// <exception cref="InvalidOperationException">The bus is stopping; await the stop first.</exception>
    /// <exception cref="EventLogException">The event log cannot be opened. The bus is as it was, and may be started again.</exception>
    /// <exception cref="EventBusConfigurationException">What the event log knows of the durable subscriptions does not fit to them.</exception>
    ValueTask StartAsync(CancellationToken cancellationToken = default);

    /// <summary>Stops gracefully: takes no more events except from handlers that run, and lets everything that was accepted be settled.</summary>
    /// <param name="limit">How long that may take; default: <see cref="DefaultStopLimit"/>. When nine tenths of it have passed,
    /// nothing new begins and the tokens of running handlers are cancelled. The stop ends within the limit whatever the handlers do.</param>
    /// <param name="cancellationToken">Cancels the handlers' tokens and ends the stop at once; the receipt is returned all the same.</param>
    /// <returns>What was done and what was left. A second stop that is asked for while the first is under way gets the same receipt.</returns>
    /// <remarks>
    /// Does not wait for retries that are due later than the limit, for paused subscriptions, or for a handler that itself
    /// awaits this stop: what they have is named in the receipt as abandoned. It stays in memory until the bus is disposed, and
    /// a bus that is started again goes on with it. Of a durable subscription it finishes what is live; what lags or waits is kept by the log. Inline handlers are their publishers' and are not waited for.
    /// </remarks>
    /// <exception cref="ObjectDisposedException">The bus is disposed.</exception>
    ValueTask<StopReceipt> StopAsync(TimeSpan? limit = null, CancellationToken cancellationToken = default);

    /// <summary>Adds a subscription while the bus runs. It gets what is published after this call; a durable one begins only with the next start of the bus, after what is in the log then.</summary>
    /// <param name="handler">Called as <see cref="IEventHandler{TEvent}.HandleAsync"/> is.</param>
    /// <param name="configure">As for a subscription made when the bus is built.</param>
    /// <returns>The subscription; disposing it ends it.</returns>
    /// <exception cref="EventBusConfigurationException">The configuration is wrong; the message names every mistake.</exception>
    /// <exception cref="InvalidOperationException">It is durable, and the bus is started.</exception>
    /// <exception cref="ObjectDisposedException">The bus is disposed.</exception>
    ISubscription Subscribe<TEvent>(Func<TEvent, EventContext, CancellationToken, ValueTask> handler, Action<SubscriptionBuilder<TEvent>>? configure = null)
        where TEvent : notnull;

    /// <summary>A live stream of the events of a type, for <see langword="await"/> <see langword="foreach"/>. A base type, an interface or <see cref="object"/> gets every event of it.</summary>
    /// <param name="options">How; default: everything published from its beginning on, at most <see cref="StreamOptions.DefaultCapacity"/> waiting for the reader, the oldest dropped where there is no room.</param>
    /// <param name="cancellationToken">Ends the stream with an <see cref="OperationCanceledException"/>. So does the token of <c>WithCancellation</c>.</param>
    /// <returns>The stream. Each enumeration is one of its own, for one reader.</returns>
    /// <remarks>
    /// It begins with the enumeration, when <see cref="IAsyncEnumerable{T}.GetAsyncEnumerator"/> returns: it gets each event whose publish is called after that. It ends when the enumerator is disposed, which
    /// <see langword="await"/> <see langword="foreach"/> does, when a token is cancelled, or when the bus stops: then in good order, after what waits was read. No publisher and no stop waits for its reader. While it lasts, it is one of <see cref="Subscriptions"/>.
    /// <para>Where it begins in the event log, the enumeration throws an <see cref="EventBusStoppedException"/> while the bus is not started, and an <see cref="EventLogException"/> if the log fails.</para>
    /// </remarks>
    /// <exception cref="ArgumentException">An option is out of its bounds, or two do not fit to each other.</exception>
    /// <exception cref="InvalidOperationException">It is to begin in the event log, and the bus has none, or no event of the type goes there.</exception>
    /// <exception cref="ObjectDisposedException">The bus is disposed; also thrown by the enumeration.</exception>
    IAsyncEnumerable<StreamedEvent<TEvent>> StreamAsync<TEvent>(StreamOptions? options = null, CancellationToken cancellationToken = default)
        where TEvent : notnull;

    /// <summary>The events of a type as an observable, for whoever uses Rx or the like. A base type, an interface or <see cref="object"/> gets every event of it.</summary>
    /// <param name="configure">Configures the subscription that each observer gets. It is queued, with one worker. Where this does not say otherwise, the event that has waited longest is dropped when its queue is full, and an event whose observer threw is not tried again.</param>
    /// <returns>The observable. Each <see cref="IObservable{T}.Subscribe"/> gets what is published after it has returned.</returns>
    /// <remarks>
    /// <see cref="IObserver{T}.OnNext"/> is called for one event at a time, on the bus's threads. What it throws is logged and kept as a dead letter, and concerns nobody else, nor the next event.
    /// <see cref="IObserver{T}.OnCompleted"/> is called when the bus stops, after the last event; <see cref="IObserver{T}.OnError"/> never. Once disposed, which may be done from within, nothing more is called, but for a call that is under way.
    /// A stop waits for what was accepted, as of any queued subscription.
    /// <para><see cref="IObservable{T}.Subscribe"/> throws as <see cref="Subscribe"/> does, also where it or the bus's configuration makes the subscription inline, durable or concurrent, or lets it abandon handlers that are stuck: then calls would not come one after the other.</para>
    /// </remarks>
    IObservable<TEvent> AsObservable<TEvent>(Action<SubscriptionBuilder<TEvent>>? configure = null)
        where TEvent : notnull;
}
