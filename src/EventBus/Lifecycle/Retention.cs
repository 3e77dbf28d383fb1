using EventBus.Observing;
using EventBus.Recording;
using EventBus.Storage;
using EventBus.Timing;
using Microsoft.Extensions.Logging;

namespace EventBus.Lifecycle;

/// <summary>Removes from the log what may be forgotten, a little with each commit, so that no publisher waits for it.</summary>
internal sealed class Retention(Recorder recorder, Clock clock, DueTimer timer, WorkStarter starter, IdleSignal idle, ILogger logger) : DueItem
{
    // So many with one commit: some milliseconds.
    private const int Batch = 500;

    private readonly object _gate = new();
    private LogRetention? _retention;
    private bool _isRunning;

    /// <summary>Looks again and again, from now on.</summary>
    public void Start(LogRetention retention)
    {
        lock (_gate)
        {
            _retention = retention;
            _isRunning = true;
            timer.Add(this, retention.Every);
        }
    }

    public void Stop()
    {
        lock (_gate)
        {
            _isRunning = false;
            timer.Remove(this);
        }
    }

    public override void OnDue()
    {
        idle.BeginLook();
        starter.Start(async () =>
        {
            try
            {
                await LookAsync().AnyContext();
            }
            finally
            {
                idle.EndLook();
            }
        });
    }

    public async ValueTask<long> RemoveAsync(LogRetention retention, CancellationToken cancellationToken)
    {
        var session = recorder.Session;
        var removed = 0L;
        while (true)
        {
            var made = session.Moves.Made;
            var limit = await session.Reader.ReadAsync(log => LimitOf(log, retention)).WaitAsync(cancellationToken).AnyContext();
            var count = limit is { } bound
                ? await session.Writer.SubmitAsync(transaction => Remove(transaction, bound, retention.EvenUnread ? bound.UpTo : session.Moves.Bound(bound.UpTo, made))).WaitAsync(cancellationToken).AnyContext()
                : 0;
            removed += count ?? 0;
            if (count != 0)
                continue;
            if (removed > 0 && retention.EvenUnread)
                await session.Reader.ReadAsync(TellWhoLost).WaitAsync(cancellationToken).AnyContext();
            return removed;
        }
    }

    // On the writer's thread. Nothing where the bound must be found again.
    private static int? Remove(ILogTransaction transaction, (long UpTo, DateTimeOffset? Before, int Count) bound, long? upTo) =>
        upTo is { } last ? transaction.RemoveEvents(last, bound.Before, bound.Count) : null;

    // Nothing accepted is dropped in silence, also where it was asked for.
    private bool TellWhoLost(IEventLog log)
    {
        var oldest = log.ReadStatistics().Oldest;
        foreach (var subscription in log.ReadSubscriptions())
        {
            if (oldest == 0 ? subscription.Position < log.ReadStatistics().Head : subscription.Position < oldest - 1)
                LogMessages.UnreadRemoved(logger, subscription.Name, subscription.Position + 1, oldest);
        }

        return true;
    }

    private async Task LookAsync()
    {
        try
        {
            var removed = await RemoveAsync(_retention!, CancellationToken.None).AnyContext();
            if (removed > 0)
                LogMessages.EventsRemoved(logger, removed);
        }
        catch (PublishException error) when (error is EventLogException or EventBusStoppedException)
        {
            if (error is EventLogException)
                LogMessages.RetentionFailed(logger, error);
        }

        lock (_gate)
        {
            if (_isRunning)
                timer.Add(this, _retention!.Every);
        }
    }

    /// <summary>What may go next, by whichever bound lets something go; nothing where none does.</summary>
    private (long UpTo, DateTimeOffset? Before, int Count)? LimitOf(IEventLog log, LogRetention retention)
    {
        var upTo = retention.EvenUnread ? long.MaxValue : Unsettled(log) - 1;
        var statistics = log.ReadStatistics();
        if (statistics.Events == 0 || statistics.Oldest > upTo)
            return null;
        if (retention.MaxEvents is { } events && statistics.Events > events)
            return (upTo, null, (int)Math.Min(Batch, statistics.Events - events));
        if (retention.MaxBytes is { } bytes && statistics.Bytes > bytes)
            return (upTo, null, Batch);
        // Not only if the oldest is: its time may lie ahead, if the clock did.
        return retention.MaxAge is { } age ? (upTo, clock.UtcNow - age, Batch) : null;
    }

    /// <summary>The first event that some subscription, known to the bus or not, has not settled.</summary>
    private static long Unsettled(IEventLog log)
    {
        var first = long.MaxValue;
        foreach (var subscription in log.ReadSubscriptions())
        {
            first = Math.Min(first, subscription.Position + 1);
            first = Math.Min(first, log.ReadFirstDelivery(subscription.Name) ?? long.MaxValue);
        }

        return first;
    }
}
