using EventBus.Observing;
using EventBus.Storage;
using EventBus.Timing;
using Microsoft.Extensions.Logging;

namespace EventBus.Settling;

/// <summary>Moves a delivery that was given up to the dead letters, and tells whoever wants to know.</summary>
/// <param name="keep">Keeps a letter: in a store, or together with what the delivery leaves behind in the log.</param>
/// <param name="alerts">Who wants to know.</param>
/// <param name="clock">The clock.</param>
/// <param name="log">Is told of every letter.</param>
internal sealed class DeadLetterWriter(
    Func<DeadLetter, RetryState, ValueTask<DeadLetterAddition>> keep,
    DeadLetterAlerts alerts,
    Clock clock,
    ILogger log)
{
    private long _evicted;

    public DeadLetterAlerts Alerts => alerts;

    /// <summary>Letters that the store evicted for want of room.</summary>
    public long Evicted => Volatile.Read(ref _evicted);

    public DeadLetter Describe(object @event, EventMetadata metadata, Exception error, DeadLetterReason reason) => new()
    {
        Id = 0,
        Event = @event,
        Metadata = metadata,
        Reason = reason,
        ExceptionType = ExceptionText.TypeOf(error),
        Description = ExceptionText.MessageOf(error),
        ExceptionText = ExceptionText.Of(error),
        Exception = error,
        LastAttemptTime = clock.UtcNow,
    };

    /// <returns>Whether the letter is kept. If not, the delivery is still the subscription's, and this is called again later.</returns>
    public async ValueTask<bool> WriteAsync(DeadLetter letter, RetryState retry)
    {
        DeadLetterAddition addition;
        // What a store that hangs has done nobody knows: it is waited for.
        using var watched = alerts.Watch(() => LogMessages.DeadLetterStoreStuck(log, letter.Subscription, letter.Metadata.Type, LogText.Safe(letter.Metadata.Id)));
        try
        {
            addition = await keep(letter, retry).AnyContext();
        }
        catch (Exception error)
        {
            LogMessages.DeadLetterStoreFailed(log, error, letter.Subscription, letter.Metadata.Type, LogText.Safe(letter.Metadata.Id));
            return false;
        }

        LogMessages.DeadLettered(log, letter.Exception, letter.Subscription, letter.Metadata.Type, LogText.Safe(letter.Metadata.Id), letter.Attempts, letter.Reason, letter.ExceptionType);
        // A store of the application's own may keep the letter and answer nothing.
        foreach (var evicted in addition.Evicted ?? [])
        {
            Interlocked.Increment(ref _evicted);
            LogMessages.DeadLetterEvicted(log, evicted.Subscription, evicted.Metadata.Type, LogText.Safe(evicted.Metadata.Id));
        }

        // A store that keeps text has forgotten the exception, and this is the last place that has it.
        var kept = addition.Kept is { } stored ? stored with { Exception = stored.Exception ?? letter.Exception } : letter;
        watched.Dispose();
        await alerts.TellAsync(kept).AnyContext();
        return true;
    }
}
