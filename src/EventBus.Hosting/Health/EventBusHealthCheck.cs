using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace EventBus.Hosting.Health;

/// <summary>Asks the bus for what its health depends on.</summary>
internal sealed class EventBusHealthCheck : IHealthCheck
{
    // More than that no timer takes, and nobody waits for.
    private static readonly TimeSpan s_longestWait = TimeSpan.FromDays(40);

    private readonly IEventBus _bus;
    private readonly EventBusHealthOptions _thresholds;
    private readonly TimeProvider _time;

    public EventBusHealthCheck(IEventBus bus, EventBusHealthOptions thresholds, TimeProvider? time)
    {
        _bus = bus;
        _thresholds = thresholds;
#pragma warning disable RS0030 // The clock that the bus takes too.
        _time = time ?? TimeProvider.System;
#pragma warning restore RS0030
    }

    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var verdict = new Verdict(_thresholds);
        verdict.Judge(_bus.State);
        foreach (var subscription in _bus.Subscriptions)
            verdict.Judge(subscription);
        if (_bus.State == EventBusState.Started)
            await JudgeStorageAsync(verdict, cancellationToken).ConfigureAwait(false);
        return verdict.ToResult(context.Registration.FailureStatus);
    }

    private async Task JudgeStorageAsync(Verdict verdict, CancellationToken cancellationToken)
    {
        if (_bus.EventLog.Failure is { } failure)
            verdict.LogHasFailed(failure);
        try
        {
            verdict.JudgeDeadLetters(await InTimeAsync(_bus.DeadLetters.CountAsync(cancellationToken: cancellationToken), cancellationToken).ConfigureAwait(false));
            if (_bus.EventLog.Exists)
                verdict.Add(await InTimeAsync(_bus.EventLog.GetStatisticsAsync(cancellationToken), cancellationToken).ConfigureAwait(false));
        }
        catch (TimeoutException)
        {
            verdict.StorageIsSlow();
        }
        catch (EventBusStoppedException)
        {
            // It stopped between two questions.
            verdict.Judge(_bus.State);
        }
        catch (Exception error) when (!cancellationToken.IsCancellationRequested)
        {
            verdict.StorageHasFailed(error);
        }
    }

    private Task<T> InTimeAsync<T>(ValueTask<T> asked, CancellationToken cancellationToken) =>
        asked.AsTask().WaitAsync(_thresholds.StorageTimeout < s_longestWait ? _thresholds.StorageTimeout : s_longestWait, _time, cancellationToken);
}
