using System.Runtime.ExceptionServices;
using EventBus.Events;
using EventBus.Observing;
using EventBus.Queueing;
using EventBus.Settling;
using EventBus.Timing;
using Microsoft.Extensions.Logging;

namespace EventBus.Routing;

/// <summary>A stream's place among the subscriptions: takes what is published into its buffer, and lets no publisher wait.</summary>
/// <remarks>What is in the buffer is its reader's: neither idleness nor a stop waits for it.</remarks>
internal sealed class StreamSubscription(string name, Type eventType, SubscriptionCounters counters, int capacity, QueueFullMode whenFull, IDeliveryHost host, WorkStarter starter, ILogger log)
    : QueuedSubscription(name, DeliveryMode.Stream, [eventType], counters), IStreamSource, ICounted
{
    private readonly object _gate = new();
    private readonly StreamBuffer<StreamItem> _buffer = new(capacity);
    private long _accepted;
    private volatile bool _ended;

    public Wakeup News { get; } = new(starter);

    public ExceptionDispatchInfo? Failure { get; private set; }

    public override bool EndsWithTheBus => true;

    public override bool IsPaused => false;

    public override long Handled => Counters.Handled;

    public override long Accepted
    {
        get
        {
            lock (_gate)
                return _accepted;
        }
    }

    public override long ParkedIn => 0;

    public override long ParkedOut => 0;

    public override bool IsAtRest => true;

    public override bool AwaitsTime => false;

    public override bool IsRunning => false;

    public override bool IsEnded => _ended;

    public override bool AnyPublisherWaits => false;

    long ICounted.Done(bool parkedCounts) => 0;

    long ICounted.Begun(bool parkedCounts) => 0;

    public override Admission Offer(object @event, in Stamp stamp, EventDetails? details, bool fromWorker)
    {
        Admission admission;
        StreamItem dropped;
        lock (_gate)
        {
            if (_ended)
                return Admission.Closed;
            _accepted++;
            admission = Add(new StreamItem(@event, stamp, details), out dropped);
        }

        if (admission != Admission.Accepted)
            CountDropped(dropped);
        News.Signal();
        return admission;
    }

    public override ValueTask WaitForRoomAsync(object @event, in Stamp stamp, EventDetails? details, CancellationToken cancellationToken) => default;

    public StreamLook Look<TEvent>(out StreamedEvent<TEvent>? next)
        where TEvent : notnull
    {
        StreamItem item;
        long missed;
        lock (_gate)
        {
            if (!_buffer.TryTake(out item, out missed))
            {
                next = null;
                return _ended ? StreamLook.Ended : StreamLook.Nothing;
            }
        }

        Counters.AddHandled(1);
        next = new((TEvent)item.Event!, Described.Of(host, item.Event!, item.Stamp, item.Details, Name)) { Missed = missed };
        return StreamLook.Taken;
    }

    public ValueTask LeaveAsync()
    {
        lock (_gate)
        {
            _ended = true;
            Interlocked.Add(ref Counters.Dropped, _buffer.Clear());
        }

        return DisposeAsync();
    }

    public override void Pause() =>
        throw new InvalidOperationException($"Subscription '{Name}' is a stream and cannot be paused: its reader decides when it takes the next event.");

    public override void Resume()
    {
    }

    public override void Hold(bool on)
    {
    }

    // What is in the buffer stays the reader's.
    public override void Close(Exception? reason, bool forWorkersToo)
    {
        if (reason is not null && forWorkersToo)
            End();
    }

    public override void Shut(Exception reason) => End();

    public override void End()
    {
        lock (_gate)
            _ended = true;
        News.Signal();
    }

    public override void CancelRunning()
    {
    }

    public override bool AnyDueBy(long time) => false;

    public override Task WhenEndedAsync(IWorker? caller) => Task.CompletedTask;

    public override SubscriptionReceipt Account() => new(Name, Statistics, []);

    private Admission Add(in StreamItem item, out StreamItem dropped)
    {
        dropped = item;
        if (_buffer.Room > 0)
        {
            _buffer.Add(item);
            return Admission.Accepted;
        }

        switch (whenFull)
        {
            case QueueFullMode.DropOldest:
                dropped = _buffer.DropOldest();
                _buffer.Add(item);
                return Admission.AcceptedDroppingOldest;
            case QueueFullMode.DropNewest:
                _buffer.MissNewest();
                return Admission.Dropped;
            default:
                _ended = true;
                Failure = ExceptionDispatchInfo.Capture(new StreamOverflowException(
                    $"Stream '{Name}' had no room for another event: its reader was {capacity} behind. Read faster, raise StreamOptions.Capacity, or let it drop events with QueueFullMode.DropOldest; with StreamOptions.From, what is in the event log is never lost."));
                // Out of the routes, but not on the publisher's time.
                starter.Start(() => DisposeAsync().AsTask());
                return Admission.Dropped;
        }
    }

    private void CountDropped(in StreamItem dropped)
    {
        var count = Interlocked.Increment(ref Counters.Dropped);
        if (Flood.IsWorthALine(count))
            LogMessages.Dropped(log, Name, host.TypeNameOf(dropped.Event!.GetType()), LogText.Safe(dropped.Details?.Id ?? host.Identity.IdOf(dropped.Stamp)), count);
    }
}
