using EventBus.Observing;
using EventBus.Recording;
using EventBus.Routing;
using EventBus.Storage;
using EventBus.Timing;
using Microsoft.Extensions.Logging;

namespace EventBus.Publishing;

/// <summary>Delivers events that were scheduled in the log, once they are events of it, to all who are not served from there.</summary>
internal sealed class ActivatedDelivery(RouteTable routes, Recorder recorder, BusTelemetry telemetry, ILogger logger)
{
    /// <param name="activation">It is committed.</param>
    /// <param name="activated">Whether the event was still scheduled.</param>
    public async Task DeliverAsync(ActivateOperation activation, bool activated)
    {
        var record = activation.Record;
        recorder.Report(record, activation.Appended);
        if (!activated || activation.Event is not { } due)
            return;
        try
        {
            if (telemetry.SeesPublishing)
                await TellAndDeliverAsync(due, record).AnyContext();
            else
                await DeliverAsync(due).AnyContext();
        }
        catch (Exception error)
        {
            LogMessages.ScheduledFailed(logger, error, record.Type, LogText.Safe(record.Id));
        }
    }

    private async ValueTask TellAndDeliverAsync(AppendedEvent due, LogRecord record)
    {
        var telling = telemetry.PublishingOf(due.Event.GetType());
        var span = telling.Begin(due.Details.Trace);
        Exception? failure = null;
        try
        {
            if (span is { IsAllDataRequested: true })
                Tracing.Describe(span, record.Id, record.CorrelationId);
            await DeliverAsync(due).AnyContext();
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

    private ValueTask DeliverAsync(in AppendedEvent due) =>
        routes.ForRuntimeType(due.Event.GetType()).Route.DeliverRecordedAsync(due.Event, due.Stamp, due.Details, null, CancellationToken.None);
}
