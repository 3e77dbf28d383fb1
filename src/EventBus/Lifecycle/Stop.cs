using EventBus.Observing;
using EventBus.Publishing;
using EventBus.Queueing;
using EventBus.Routing;
using EventBus.Timing;

namespace EventBus.Lifecycle;

/// <summary>One graceful stop, from the closing of the gate to the receipt.</summary>
internal sealed class Stop(BusParts parts, RouteTable routes, Intake intake, Schedule schedule, LogSchedule? logSchedule, Retention? retention, IdleSignal idle, TimeSpan limit)
{
    private readonly object _gate = new();
    private readonly TaskCompletionSource _cutShort = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Task<StopReceipt>? _running;

    private IEnumerable<BackgroundSubscription> Background => routes.Unfinished.OfType<BackgroundSubscription>();

    private IEnumerable<DurableSubscription> Durable => routes.Unfinished.OfType<DurableSubscription>();

    /// <param name="caller">The worker whose handler asks; the stop does not wait for it.</param>
    /// <param name="cancellationToken">Cuts the stop short.</param>
    public async Task<StopReceipt> RunAsync(IWorker? caller, CancellationToken cancellationToken)
    {
        Task<StopReceipt> running;
        if (caller is not null)
            caller.AwaitsStop = true;
        using var cut = cancellationToken.UnsafeRegister(static state => ((TaskCompletionSource)state!).TrySetResult(), _cutShort);
        try
        {
            lock (_gate)
                running = _running ??= DrainAsync();
            idle.Check();
            return await running.AnyContext();
        }
        finally
        {
            if (caller is not null)
                caller.AwaitsStop = false;
        }
    }

    private async Task<StopReceipt> DrainAsync()
    {
        var startedAt = parts.Clock.Now;
        var deadline = Clock.After(startedAt, limit);
        using var patience = new DueSignal(parts.Timer, limit * 0.9);
        using var end = new DueSignal(parts.Timer, limit);
        retention?.Stop();
        logSchedule?.Stop();
        foreach (var subscription in Durable)
            subscription.BeginStop();
        // After those have been told: what reads a page for them is ended with it, and they read no other.
        parts.EventLog?.Recorder.CancelLongReading();

        // Twice: a publisher that had passed the gate before it closed may be slower than the first drain. After its queue is
        // closed to publishers it either is in and is waited for, or gets a typed error.
        await WaitAsync(deadline, patience, end).AnyContext();
        foreach (var subscription in Background)
            subscription.Close(intake.Refusal(null) ?? new EventBusStoppedException(), forWorkersToo: false);
        await WaitAsync(deadline, patience, end).AnyContext();

        var stopped = new EventBusStoppedException("The bus is stopped. Start it again with StartAsync, or publish before it stops.");
        foreach (var subscription in Background)
        {
            subscription.Close(stopped, forWorkersToo: true);
            subscription.Hold(true);
        }

        var elapsed = TimeSpan.FromTicks(parts.Clock.Now - startedAt);
        var unfinished = routes.Unfinished;
        var accounts = unfinished.Select(static subscription => subscription.Account()).ToArray();
        // What a handler still does after this is settled by nobody: it is delivered again after the next start.
        foreach (var subscription in Durable)
            await subscription.EndRunAsync(end.WhenDueAsync()).AnyContext();
        if (parts.EventLog is { } log)
            await log.Recorder.EndAsync().AnyContext();

        // Publishers that had passed the gate may have reached the log until now.
        var receipt = Receipt(elapsed, [.. accounts.Select((account, i) => unfinished[i] is DurableSubscription durable ? durable.Conclude(account) : account)]);

        routes.EndWithTheBus(parts.Starter);

        // Last: from here on the bus may be started again, and nothing above may undo that.
        intake.State = EventBusState.Stopped;
        return receipt;
    }

    private async Task WaitAsync(long deadline, DueSignal patience, DueSignal end)
    {
        var drained = idle.WhenAsync(() => idle.IsDrained && !Background.Any(subscription => !subscription.IsAtRest && subscription.AnyDueBy(deadline)));
        await Task.WhenAny(drained, patience.WhenDueAsync(), WhenCutShortAsync()).AnyContext();
        if (drained.IsCompleted)
            return;
        // Held first: what a cancelled handler gives back must not begin again in this very stop.
        foreach (var subscription in Background)
        {
            subscription.Hold(true);
            subscription.CancelRunning();
        }

        idle.Check();
        await Task.WhenAny(drained, end.WhenDueAsync(), WhenCutShortAsync()).AnyContext();
    }

    private async Task WhenCutShortAsync() => await _cutShort.Task.AnyContext();

    private StopReceipt Receipt(TimeSpan elapsed, IReadOnlyList<SubscriptionReceipt> subscriptions)
    {
        var receipt = new StopReceipt
        {
            Subscriptions = subscriptions,
            StillScheduled = schedule.Due,
            Elapsed = elapsed,
        };
        if (receipt.IsComplete)
            LogMessages.Stopped(parts.Log, elapsed);
        else
            LogMessages.StoppedWithWork(parts.Log, elapsed, receipt.Subscriptions.Sum(static subscription => subscription.Abandoned.Count), receipt.StillScheduled.Count);
        return receipt;
    }
}
