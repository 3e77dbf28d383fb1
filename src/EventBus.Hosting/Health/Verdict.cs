using System.Globalization;
using EventBus.Storage;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace EventBus.Hosting.Health;

/// <summary>What the answers of the bus come to. Pure: it asks nobody.</summary>
internal sealed class Verdict(EventBusHealthOptions thresholds)
{
    private readonly List<string> _findings = [];
    private readonly Dictionary<string, object> _data = new(StringComparer.Ordinal);
    private HealthStatus _status = HealthStatus.Healthy;
    private Exception? _error;

    public void Judge(EventBusState state)
    {
        _data["state"] = state.ToString();
        if (state != EventBusState.Started)
            Find(HealthStatus.Unhealthy, $"The bus is not running: {state}.");
    }

    public void Judge(ISubscription subscription)
    {
        var counts = subscription.Statistics;
        var lag = counts.Lag + counts.Waiting;
        var subject = $"Subscription '{subscription.Name}'";
        _data[$"{subscription.Name}.lag"] = lag;
        _data[$"{subscription.Name}.stuck"] = counts.StuckNow;
        _data[$"{subscription.Name}.paused"] = subscription.IsPaused;
        Compare(lag, thresholds.DegradedLag, thresholds.UnhealthyLag, (number, limit) => $"{subject} has {number} events before it, and the limit is {limit}.");
        Compare(counts.StuckNow, thresholds.DegradedStuck, thresholds.UnhealthyStuck, (number, limit) => $"{subject} has stuck handlers: {number}, and the limit is {limit}.");
    }

    public void JudgeDeadLetters(long count)
    {
        _data["deadLetters"] = count;
        Compare(count, thresholds.DegradedDeadLetters, thresholds.UnhealthyDeadLetters, static (number, limit) => $"There are dead letters: {number}, and the limit is {limit}.");
    }

    public void Add(LogStatistics log)
    {
        _data["log.events"] = log.Events;
        _data["log.bytes"] = log.Bytes;
        _data["log.scheduled"] = log.Scheduled;
    }

    public void LogHasFailed(EventLogException failure)
    {
        _error = failure;
        // Descriptions go to whoever may ask for the health of the process. The text of a failure names files; it goes with the exception, which is for the process itself.
        Find(HealthStatus.Unhealthy, $"The event log has failed and is not written to any more ({failure.GetType().Name}). The exception of this result and the log of the application tell why. Mend the cause, then start the process again.");
    }

    public void StorageHasFailed(Exception error)
    {
        _error ??= error;
        Find(HealthStatus.Unhealthy, $"The storage does not answer ({error.GetType().Name}). The exception of this result tells why.");
    }

    public void StorageIsSlow() => Find(HealthStatus.Degraded, $"The storage has not answered for {thresholds.StorageTimeout}.");

    /// <param name="unhealthy">How the application wants to call what is unhealthy.</param>
    public HealthCheckResult ToResult(HealthStatus unhealthy) =>
        new(_status == HealthStatus.Unhealthy ? unhealthy : _status, _findings.Count == 0 ? "All is well." : string.Join(' ', _findings), _error, _data);

    private void Compare(long number, long? degraded, long? unhealthy, Func<string, string, string> finding)
    {
        if (number >= unhealthy)
            Find(HealthStatus.Unhealthy, finding(Text(number), Text(unhealthy.Value)));
        else if (number >= degraded)
            Find(HealthStatus.Degraded, finding(Text(number), Text(degraded.Value)));
    }

    private void Find(HealthStatus status, string finding)
    {
        // The lower, the worse.
        if (status < _status)
            _status = status;
        _findings.Add(finding);
    }

    private static string Text(long number) => number.ToString("N0", CultureInfo.InvariantCulture);
}
