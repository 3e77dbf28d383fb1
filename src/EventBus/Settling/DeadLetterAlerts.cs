using EventBus.Observing;
using EventBus.Timing;
using Microsoft.Extensions.Logging;

namespace EventBus.Settling;

/// <summary>The application's own calls for dead letters, one after the other, each for a bounded time: one that hangs must not stop its subscription, and not in silence.</summary>
internal sealed class DeadLetterAlerts(IReadOnlyList<Func<DeadLetter, CancellationToken, ValueTask>> alerts, TimeSpan limit, DueTimer timer, WorkStarter starter, ILogger log)
{
    public async ValueTask TellAsync(DeadLetter letter)
    {
        foreach (var alert in alerts)
            await TellAsync(alert, letter).AnyContext();
    }

    /// <summary>Looks after a call that nothing can end in time; it is only told of.</summary>
    public WatchedCall Watch(Action onLate) => new(timer, starter, limit, onLate);

    private async ValueTask TellAsync(Func<DeadLetter, CancellationToken, ValueTask> alert, DeadLetter letter)
    {
        using var watched = Watch(() => LogMessages.DeadLetterAlertStuck(log, letter.Subscription, LogText.Safe(letter.Metadata.Id), limit));
        Task running;
        try
        {
            running = alert(letter, watched.Token).AsTask();
        }
        catch (Exception error)
        {
            Failed(error, letter);
            return;
        }

        var ended = EndAsync(running, letter);
        if (!ended.IsCompleted)
            await Task.WhenAny(ended, watched.Late).AnyContext();
    }

    // Also where nobody waits for it any more.
    private async Task EndAsync(Task running, DeadLetter letter)
    {
        try
        {
            await running.AnyContext();
        }
        catch (Exception error)
        {
            Failed(error, letter);
        }
    }

    private void Failed(Exception error, DeadLetter letter) => LogMessages.DeadLetterAlertFailed(log, error, letter.Subscription, LogText.Safe(letter.Metadata.Id));
}
