using EventBus.Observing;
using EventBus.Recording;
using EventBus.Routing;
using EventBus.Timing;
using Microsoft.Extensions.Logging;

namespace EventBus.Publishing;

/// <summary>Delivers events that were scheduled in the log, once they are events of it, to all who are not served from there.</summary>
internal sealed class ActivatedDelivery(RouteTable routes, Recorder recorder, BusTelemetry telemetry, ILogger logger)
{
    /// <summary>Waits for the commit, and delivers. What inline handlers fail with is logged.</summary>
    public async Task DeliverAsync(ActivateOperation activation)
    {
        if (activation.Event is not { } due || !telemetry.SeesPublishing)
        {
            await CommitAndDeliverAsync(activation).AnyContext();
            return;
        }

        var telling = telemetry.PublishingOf(due.Event.GetType());
        var span = telling.Begin(due.Details.Trace);
        Exception? failure = null;
        try
        {
            if (span is { IsAllDataRequested: true })
                Tracing.Describe(span, activation.Record.Id, activation.Record.CorrelationId);
            failure = await CommitAndDeliverAsync(activation).AnyContext();
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

    /// <returns>What inline handlers failed with; nothing where they did not.</returns>
    private async Task<Exception?> CommitAndDeliverAsync(ActivateOperation activation)
    {
        var activated = await activation.Task.AnyContext();
        var record = activation.Record;
        recorder.Report(record, activation.Appended);
        if (!activated || activation.Event is not { } published)
            return null;
        try
        {
            await routes.ForRuntimeType(published.Event.GetType()).Route.DeliverRecordedAsync(published.Event, published.Stamp, published.Details, null, CancellationToken.None).AnyContext();
            return null;
        }
        catch (Exception error)
        {
            LogMessages.ScheduledFailed(logger, error, record.Type, LogText.Safe(record.Id));
            return error;
        }
    }
}
