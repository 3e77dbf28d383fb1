using System.Runtime.ExceptionServices;
using EventBus.Events;
using EventBus.Recording;
using EventBus.Timing;

namespace EventBus.Routing;

/// <summary>A logged event on its way to those that are not served from the log: the log's writer gives it its places, its publisher does the rest.</summary>
/// <param name="route">Where it goes.</param>
/// <param name="origin">Where it is published.</param>
/// <param name="fromWorker">Whether a handler publishes it. Asked by its publisher: the writer runs below no handler.</param>
/// <param name="tells">Whether an observer is still to be told of this publish.</param>
/// <param name="cancellationToken">Ends the waiting for room.</param>
internal sealed class RecordedPlacement<T>(Route<T> route, PublishOrigin? origin, bool fromWorker, bool tells, CancellationToken cancellationToken) : Placement
{
    private const int Placed = 1;
    private const int GivenUp = 2;

    private Shortage<T> _shortage;
    private ExceptionDispatchInfo? _fault;
    private int _state;

    public override void Place(in AppendedEvent appended)
    {
        try
        {
            _shortage = route.Place((T)appended.Event, appended.Stamp, appended.Details, fromWorker, cancellationToken);
        }
        catch (Exception error)
        {
            // A fault of one event is its publisher's to hear of, and nothing to the log.
            _fault = ExceptionDispatchInfo.Capture(error);
        }

        if (Interlocked.Exchange(ref _state, Placed) == GivenUp)
            _ = EndAloneAsync();
    }

    /// <summary>Does the rest once the commit is known: waits for room, and calls inline handlers. An event that was in the log before goes nowhere.</summary>
    public ValueTask FinishAsync(in AppendedEvent appended) => tells ? FinishInSightAsync(appended) : FinishUnseenAsync(appended);

    /// <summary>The publisher did not wait for the commit. If there is one, the event has its places all the same, and waits for room nowhere.</summary>
    public void GiveUp()
    {
        if (Interlocked.Exchange(ref _state, GivenUp) == Placed)
            _ = EndAloneAsync();
    }

    private ValueTask FinishUnseenAsync(in AppendedEvent appended)
    {
        if (Volatile.Read(ref _state) != Placed)
            return default;
        _fault?.Throw();
        return route.FinishAsync(_shortage, (T)appended.Event, appended.Stamp, appended.Details, origin, cancellationToken);
    }

    // In the publisher's own flow, by which an observer knows the two ends of a publish as one.
    private ValueTask FinishInSightAsync(AppendedEvent appended) =>
        route.ObserveAsync((T)appended.Event, appended.Stamp, appended.Details, origin, _ => FinishUnseenAsync(appended));

    // Its publisher is gone: who missed the event is counted.
    private async Task EndAloneAsync()
    {
        try
        {
            await route.WaitForRoomAsync(_shortage).AnyContext();
        }
        catch (Exception)
        {
            // It is the publisher's own cancellation, which the publisher has heard of.
        }
    }
}
