using System.Buffers;
using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;
using EventBus.Events;
using EventBus.Observing;
using EventBus.Queueing;
using EventBus.Recording;
using EventBus.Timing;

namespace EventBus.Routing;

/// <summary>Where the events of one type go: first into the queues, then to the inline handlers. Immutable; a change of
/// subscriptions makes a new one.</summary>
internal sealed class Route<T>
{
    private readonly QueueTarget<T>[] _queues;
    private readonly InlineRun<T>? _inline;
    private readonly RouteContext _bus;
    private readonly string _eventType;
    private readonly Recorder? _recorder;
    private readonly string[] _durable;

    public Route(string eventType, List<Subscription> subscriptions, bool inlineConcurrently, bool isLogged, RouteContext bus)
    {
        _bus = bus;
        _eventType = eventType;
        int inline = 0, durable = 0;
        foreach (var subscription in subscriptions)
        {
            inline += subscription is InlineSubscription ? 1 : 0;
            durable += subscription is DurableSubscription ? 1 : 0;
        }

        _durable = durable == 0 ? [] : [.. subscriptions.OfType<DurableSubscription>().Select(static subscription => subscription.Name)];
        _queues = new QueueTarget<T>[subscriptions.Count - inline - durable];
        var targets = new InlineTarget<T>[inline];
        int queued = 0, called = 0;
        foreach (var subscription in subscriptions)
        {
            if (subscription is QueuedSubscription queue)
                _queues[queued++] = QueueTarget<T>.Of(queue, bus);
            else if (subscription is InlineSubscription target)
                targets[called++] = new(target);
        }

        if (inline > 0)
            _inline = new InlineRun<T>(targets, inlineConcurrently, bus);
        if (isLogged || durable > 0)
            _recorder = bus.Recorder;
        IsDirect = _recorder is null && subscriptions.Count > 0 && !bus.PublishersPause && bus.Observer is null && !bus.IsEnriched;
    }

    /// <summary>Whether there is somebody to deliver to, and nothing to be done besides. Anything else takes another way.</summary>
    public bool IsDirect { get; }

    public bool IsRecorded => _recorder is not null;

    public bool IsObserved => _bus.Observer is not null;

    public bool PublishersPause => _bus.PublishersPause;

    public bool IsEmpty => _recorder is null && _queues.Length == 0 && _inline is null;

    /// <inheritdoc cref="InlineRun{T}.TryRetire"/>
    public bool TryRetire() => _inline is null || _inline.TryRetire();

    public bool AnyInline => _inline is { AnyInUse: true };

    /// <summary>Writes the event to the log; once it is committed there, delivers it to all who are not served from the log.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    public async ValueTask RecordAndDeliverAsync(T @event, Stamp stamp, EventDetails? details, PublishOrigin? origin, CancellationToken cancellationToken)
    {
        var placement = PlacementFor(origin, tells: false, cancellationToken);
        AppendedEvent recorded;
        try
        {
            recorded = await _recorder!.RecordAsync(@event!, stamp, details, placement, cancellationToken).AnyContext();
        }
        catch
        {
            placement?.GiveUp();
            throw;
        }

        if (placement is not null)
            await placement.FinishAsync(recorded).AnyContext();
    }

    /// <summary>How the log's writer gives an event its places in the queues; nothing where the log is all that there is to do.</summary>
    /// <param name="origin">Where it is published.</param>
    /// <param name="tells">Whether an observer has not been told of this publish.</param>
    /// <param name="cancellationToken">Ends the waiting for room, and is the inline handlers'.</param>
    public RecordedPlacement<T>? PlacementFor(PublishOrigin? origin, bool tells, CancellationToken cancellationToken)
    {
        tells &= IsObserved;
        return _queues.Length == 0 && _inline is null && !tells ? null : new(this, origin, IsFromWorker(origin), tells, cancellationToken);
    }

    /// <summary>As <see cref="DeliverAsync"/>, but then others may go on before the publisher does, as they may where there are many threads.</summary>
    public async ValueTask DeliverAndPauseAsync(T @event, Stamp stamp, EventDetails? details, PublishOrigin? origin, CancellationToken cancellationToken)
    {
        await DeliverAsync(@event, stamp, details, origin, cancellationToken).AnyContext();
        await OneThread.Pause();
    }

    /// <summary>Publishes an event in sight of the observer.</summary>
    public ValueTask ObserveAsync(T @event, Stamp stamp, EventDetails? details, PublishOrigin? origin, Func<EventDetails, ValueTask> publish) =>
        ObservedPublish.RunAsync(_bus.Observer!, _bus.Host, @event!, stamp, details ?? new EventDetails(), origin, _durable, publish);

    /// <summary>Offers an event again to subscriptions that had no room for it. All others have it already, and none gets it a second time.</summary>
    /// <exception cref="QueueFullException">Some of them have no room still.</exception>
    public void OfferAgain(T @event, in Stamp stamp, EventDetails? details, IReadOnlyList<string> to)
    {
        Refusals? refusals = null;
        foreach (var target in _queues)
        {
            if (to.Contains(target.Subscription.Name) && target.Offer(@event, stamp, details, fromWorker: false) is var admission and > Admission.Dropped && !target.Subscription.IsEnded)
                (refusals ??= new(_eventType)).Add(target.Subscription, admission, _bus.Log);
        }

        if (refusals is not null)
            throw refusals.ToException(to, null);
    }

    public ValueTask DeliverAsync(T @event, in Stamp stamp, EventDetails? details, PublishOrigin? origin, CancellationToken cancellationToken)
    {
        var queues = _queues;
        if (queues.Length > 1)
            return FinishAsync(PlaceInSeveral(@event, stamp, details, origin, null, cancellationToken), @event, stamp, details, origin, cancellationToken);
        if (queues.Length > 0)
        {
            var admission = queues[0].Offer(@event, stamp, details, fromWorker: false);
            if (admission > Admission.Dropped)
                return FinishAsync(PlaceWithoutRoom(0, admission, @event, stamp, details, IsFromWorker(origin), cancellationToken), @event, stamp, details, origin, cancellationToken);
        }

        return _inline is null ? default : _inline.RunAsync(@event, stamp, details, origin, cancellationToken);
    }

    /// <summary>Gives an event its place in every queue: a slot, or a ticket where it has to wait for room. Waits for nothing.</summary>
    public Shortage<T> Place(T @event, in Stamp stamp, EventDetails? details, bool fromWorker, CancellationToken cancellationToken) =>
        _queues.Length == 0 ? default : PlaceInSeveral(@event, stamp, details, null, fromWorker, cancellationToken);

    /// <summary>Does what is left once an event has its places: waits for room, calls the inline handlers, and tells the publisher who has refused.</summary>
    public ValueTask FinishAsync(in Shortage<T> shortage, T @event, in Stamp stamp, EventDetails? details, PublishOrigin? origin, CancellationToken cancellationToken) =>
        !shortage.IsNone ? FinishWithoutRoomAsync(shortage, @event, stamp, details, origin, cancellationToken)
        : _inline is null ? default
        : _inline.RunAsync(@event, stamp, details, origin, cancellationToken);

    /// <summary>Waits until there is room wherever there was none.</summary>
    public ValueTask WaitForRoomAsync(in Shortage<T> shortage) => shortage.Waiting is { } waiting ? WaitForEachAsync(waiting, shortage.Waits) : default;

    // Between the first queue and the last a handler may run already: what that publishes waits for the end of this.
    private Shortage<T> PlaceInSeveral(T @event, in Stamp stamp, EventDetails? details, PublishOrigin? origin, bool? fromWorker, CancellationToken cancellationToken)
    {
        var underWay = PlacesUnderWay.OfThread;
        var outer = underWay.Enter(stamp);
        try
        {
            var queues = _queues;
            for (var i = 0; i < queues.Length; i++)
            {
                var admission = queues[i].Offer(@event, stamp, details, fromWorker: false);
                if (admission > Admission.Dropped)
                    return PlaceWithoutRoom(i, admission, @event, stamp, details, fromWorker ?? IsFromWorker(origin), cancellationToken);
            }

            return default;
        }
        finally
        {
            underWay.Leave(outer);
        }
    }

    private bool IsFromWorker(PublishOrigin? origin) => origin is { IsDelivering: true } || WorkerMark.IsOf(_bus.Host);

    /// <summary>Somebody has no room. All others get the event before anybody is waited for.</summary>
    private Shortage<T> PlaceWithoutRoom(int full, Admission answer, T @event, in Stamp stamp, EventDetails? details, bool fromWorker, CancellationToken cancellationToken)
    {
        var shortage = default(Shortage<T>);
        for (var i = full; i < _queues.Length; i++)
        {
            // Asked again, because a handler may use more room than a publisher; a key that could not be read has been reported.
            var admission = i == full && answer == Admission.KeyFailed ? answer : _queues[i].Offer(@event, stamp, details, fromWorker);
            if (admission == Admission.MustWait)
            {
                shortage.Waiting ??= ArrayPool<(QueueTarget<T>, ValueTask)>.Shared.Rent(_queues.Length - i);
#pragma warning disable CA2012 // Each is awaited once, by WaitForEachAsync.
                shortage.Waiting[shortage.Waits++] = (_queues[i], _queues[i].WaitForRoomAsync(@event, stamp, details, cancellationToken));
#pragma warning restore CA2012
            }
            else if (admission > Admission.Dropped && !_queues[i].Subscription.IsEnded)
            {
                (shortage.Refusals ??= new(_eventType)).Add(_queues[i].Subscription, admission, _bus.Log);
            }
        }

        return shortage;
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    private async ValueTask FinishWithoutRoomAsync(Shortage<T> shortage, T @event, Stamp stamp, EventDetails? details, PublishOrigin? origin, CancellationToken cancellationToken)
    {
        var refusals = shortage.Refusals;
        if (shortage.Waiting is { } waiting)
            await WaitForEachAsync(waiting, shortage.Waits).AnyContext();
        if (_inline is null && refusals is null)
            return;
        var inlineFailure = _inline is null
            ? null
            : await CatchAsync(_inline.RunAsync(@event, stamp, details, origin, cancellationToken)).AnyContext();
        if (refusals is not null)
            throw refusals.ToException(_queues.Select(static target => target.Subscription.Name).Concat(_durable), inlineFailure);
        if (inlineFailure is not null)
            ExceptionDispatchInfo.Throw(inlineFailure);
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    private async ValueTask WaitForEachAsync((QueueTarget<T> Target, ValueTask Room)[] waiting, int count)
    {
        Exception? failure = null;
        for (var i = 0; i < count; i++)
            failure = await WaitAsync(waiting[i].Room, waiting[i].Target).AnyContext() ?? failure;
        ArrayPool<(QueueTarget<T>, ValueTask)>.Shared.Return(waiting, clearArray: true);
        if (failure is not null)
            ExceptionDispatchInfo.Throw(failure);
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<Exception?> WaitAsync(ValueTask room, QueueTarget<T> target)
    {
        var failure = await CatchAsync(room).AnyContext();
        if (target.Subscription.IsEnded)
            return null;
        if (failure is not null)
        {
            var count = Interlocked.Increment(ref target.Subscription.Counters.Missed);
            if (Flood.IsWorthALine(count))
                LogMessages.Missed(_bus.Log, target.Subscription.Name, _eventType, count);
        }

        return failure is OperationCanceledException cancelled ? Cancelled(cancelled, target) : failure;
    }

    private OperationCanceledException Cancelled(OperationCanceledException cancelled, QueueTarget<T> target) => new(
        $"The publisher cancelled while its '{_eventType}' waited for room in the queue of subscription '{target.Subscription.Name}', which does not get the event. All that had room have it{(_durable.Length == 0 ? "" : ", and so has the event log")}.",
        cancelled,
        cancelled.CancellationToken);

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private static async ValueTask<Exception?> CatchAsync(ValueTask task)
    {
        try
        {
            await task.AnyContext();
            return null;
        }
        catch (Exception error)
        {
            return error;
        }
    }
}
