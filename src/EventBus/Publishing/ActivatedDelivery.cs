using EventBus.Observing;
using EventBus.Recording;
using EventBus.Routing;
using EventBus.Storage;
using EventBus.Timing;
using Microsoft.Extensions.Logging;

namespace EventBus.Publishing;

/// <summary>Delivers events that were scheduled in the log, once they are events of it, to those that are not served from there: the writer gives each its places in the
/// queues with its commit, and here is done what has to be waited for.</summary>
internal sealed class ActivatedDelivery(RouteTable routes, Recorder recorder, BusTelemetry telemetry, ILogger logger)
{
    /// <summary>How the writer gives an event its places.</summary>
    public Placement? PlacementFor(object @event) =>
        routes.ForRuntimeType(@event.GetType()).Route.PlacementFor(null, tells: true, CancellationToken.None);

    /// <param name="activation">It is committed.</param>
    /// <param name="activated">Whether the event was still scheduled.</param>
    public async Task FinishAsync(ActivateOperation activation, bool activated)
    {
        var record = activation.Record;
        recorder.Report(record, activation.Appended);
        if (activation.Appended is { IsDuplicate: true, IsSameBody: true })
            LogMessages.ScheduledDuplicate(logger, record.Type, LogText.Safe(record.Id));
        if (!activated || activation.Event is not { } due)
            return;
        try
        {
            if (telemetry.SeesPublishing)
                await TellAndFinishAsync(due, record).AnyContext();
            else
                await FinishAsync(due).AnyContext();
        }
        catch (Exception error)
        {
            LogMessages.ScheduledFailed(logger, error, record.Type, LogText.Safe(record.Id));
        }
    }

    private async ValueTask TellAndFinishAsync(AppendedEvent due, LogRecord record)
    {
        var telling = telemetry.PublishingOf(due.Event.GetType());
        var span = telling.Begin(due.Details.Trace);
        Exception? failure = null;
        try
        {
            if (span is { IsAllDataRequested: true })
                Tracing.Describe(span, record.Id, record.CorrelationId);
            await FinishAsync(due).AnyContext();
        }
        catch (Exception error)
        {
            failure = error;
            throw;
        }
        finally
        {
            telling.End(span, failure);
        }
    }

    private static ValueTask FinishAsync(in AppendedEvent due) =>
        due.Placement is RecordedPlacement<object> placement ? placement.FinishAsync(due) : default;
}
