using Microsoft.Extensions.Logging;

namespace EventBus.Observing;

/// <summary>Every line that the bus logs. Ids and keys come here through <see cref="LogText.Safe"/>; events never come here.</summary>
internal static partial class LogMessages
{
    [LoggerMessage(LogEventIds.ListenerFailed, LogLevel.Error, "A listener to the bus's metrics or traces threw: {Count} times so far. What it was told is lost, and no event is touched by that.")]
    public static partial void ListenerFailed(ILogger log, Exception error, long count);

    [LoggerMessage(LogEventIds.UnheardOf, LogLevel.Information, "{EventType} was published and has no subscription in this bus: no handler gets it. This line comes once for each event type. Register a handler with AddHandler or Handle, or drop the publish.")]
    public static partial void UnheardOf(ILogger log, string eventType);

    [LoggerMessage(LogEventIds.ScheduledRefused, LogLevel.Warning, "Scheduled {EventType} {Id} was due and not accepted. It is published again in {Delay}.")]
    public static partial void ScheduledRefused(ILogger log, Exception error, string eventType, string id, TimeSpan delay);

    [LoggerMessage(LogEventIds.ScheduledFailed, LogLevel.Error, "An inline handler of scheduled {EventType} {Id} failed. Nobody awaits a scheduled publish: the failure is only told here.")]
    public static partial void ScheduledFailed(ILogger log, Exception error, string eventType, string id);

    [LoggerMessage(LogEventIds.ScheduleFailed, LogLevel.Error, "What is scheduled in the event log could not be published. It is kept there.")]
    public static partial void ScheduleFailed(ILogger log, Exception error);

    [LoggerMessage(LogEventIds.ScheduledAgain, LogLevel.Warning, "{EventType} {Id} was scheduled again with another body or for another time. The first one stays, and is due at {DueTime}.")]
    public static partial void ScheduledAgain(ILogger log, string eventType, string id, DateTimeOffset dueTime);

    [LoggerMessage(LogEventIds.ScheduledDuplicate, LogLevel.Information, "Scheduled {EventType} {Id} was due and is not published again: the event log has an event of this type, source and id already.")]
    public static partial void ScheduledDuplicate(ILogger log, string eventType, string id);

    [LoggerMessage(LogEventIds.Dropped, LogLevel.Warning, "Subscription {Subscription} had no room and dropped {EventType} {Id}: {Count} dropped so far.")]
    public static partial void Dropped(ILogger log, string subscription, string eventType, string id, long count);

    [LoggerMessage(LogEventIds.Refused, LogLevel.Warning, "Subscription {Subscription} had no room and refused {EventType}: {Count} refused so far.")]
    public static partial void Refused(ILogger log, string subscription, string eventType, long count);

    [LoggerMessage(LogEventIds.Missed, LogLevel.Warning, "Subscription {Subscription} does not get a {EventType}, because its publisher stopped waiting for room: {Count} missed so far.")]
    public static partial void Missed(ILogger log, string subscription, string eventType, long count);

    [LoggerMessage(LogEventIds.StreamPassedOver, LogLevel.Error, "Stream {Subscription} passed over event {Sequence} of the log, {EventType} {Id}: {Problem}")]
    public static partial void StreamPassedOver(ILogger log, string subscription, long sequence, string eventType, string id, string problem);

    [LoggerMessage(LogEventIds.ObserverFailed, LogLevel.Error, "The observer of subscription {Subscription} threw when it was told that nothing more comes.")]
    public static partial void ObserverFailed(ILogger log, Exception error, string subscription);

    [LoggerMessage(LogEventIds.KeyFailed, LogLevel.Error, "Subscription {Subscription} could not read the key of a {EventType}: it was not accepted there.")]
    public static partial void KeyFailed(ILogger log, Exception error, string subscription, string eventType);

    [LoggerMessage(LogEventIds.KeyUntold, LogLevel.Warning, "The key of a {EventType} could not be read again: its context or its dead letter goes without it.")]
    public static partial void KeyUntold(ILogger log, Exception error, string eventType);

    [LoggerMessage(LogEventIds.WorkerFailed, LogLevel.Critical, "A worker of subscription {Subscription} ended over a fault of the bus itself. The delivery that it had stays accepted, and a stop names it. Please report this.")]
    public static partial void WorkerFailed(ILogger log, Exception fault, string subscription);

    [LoggerMessage(LogEventIds.ScopeDisposalFailed, LogLevel.Error, "The scope of subscription {Subscription} threw when it was disposed. The delivery stands as the handler left it.")]
    public static partial void ScopeDisposalFailed(ILogger log, Exception error, string subscription);

    [LoggerMessage(LogEventIds.Stuck, LogLevel.Error, "The handler of subscription {Subscription} has not returned from {EventType} {Id} after {Elapsed}. Its slot and its key stay taken until it does.{FullQueues}")]
    public static partial void Stuck(ILogger log, string subscription, string eventType, string id, TimeSpan elapsed, string fullQueues);

    [LoggerMessage(LogEventIds.Abandoned, LogLevel.Error, "The handler of subscription {Subscription} has not returned from {EventType} {Id} after {Elapsed}. It was abandoned, and another attempt may run beside it.")]
    public static partial void Abandoned(ILogger log, string subscription, string eventType, string id, TimeSpan elapsed);

    [LoggerMessage(LogEventIds.OrphanReturned, LogLevel.Information, "An abandoned handler of subscription {Subscription} has returned. What it did no longer counts.")]
    public static partial void OrphanReturned(ILogger log, Exception? error, string subscription);

    [LoggerMessage(LogEventIds.IdempotencyStoreFailed, LogLevel.Error, "The idempotency store failed for subscription {Subscription}, {EventType} {Id}. The handler is not called; the delivery waits.")]
    public static partial void IdempotencyStoreFailed(ILogger log, Exception error, string subscription, string eventType, string id);

    [LoggerMessage(LogEventIds.LeaseLost, LogLevel.Warning, "Subscription {Subscription} lost its claim on {Key} while its handler ran: another may have handled the same event.")]
    public static partial void LeaseLost(ILogger log, string subscription, string key);

    [LoggerMessage(LogEventIds.CompletionFailed, LogLevel.Error, "Subscription {Subscription} has handled {Key}, but the idempotency store did not record it: a second publish of it would be handled again.")]
    public static partial void CompletionFailed(ILogger log, Exception error, string subscription, string key);

    [LoggerMessage(LogEventIds.LeaseRenewalFailed, LogLevel.Warning, "Subscription {Subscription} could not renew its claim on {Key}. It is tried again while the handler runs.")]
    public static partial void LeaseRenewalFailed(ILogger log, Exception error, string subscription, string key);

    [LoggerMessage(LogEventIds.AttemptFailed, LogLevel.Warning, "Subscription {Subscription} failed at {EventType} {Id}, attempt {Attempt}. Next attempt in {Delay}.")]
    public static partial void AttemptFailed(ILogger log, Exception error, string subscription, string eventType, string id, int attempt, TimeSpan delay);

    [LoggerMessage(LogEventIds.Postponed, LogLevel.Warning, "Subscription {Subscription} could not try {EventType} {Id} and tries it in {Delay}; no attempt is counted.")]
    public static partial void Postponed(ILogger log, Exception error, string subscription, string eventType, string id, TimeSpan delay);

    [LoggerMessage(LogEventIds.Expired, LogLevel.Warning, "Subscription {Subscription} got to {EventType} {Id} after its time to live: {Count} expired so far.")]
    public static partial void Expired(ILogger log, string subscription, string eventType, string id, long count);

    [LoggerMessage(LogEventIds.RetryPolicyFailed, LogLevel.Error, "The retry policy of subscription {Subscription} threw. The delivery becomes a dead letter.")]
    public static partial void RetryPolicyFailed(ILogger log, Exception error, string subscription);

    [LoggerMessage(LogEventIds.DeadLettered, LogLevel.Error, "Subscription {Subscription} gave up {EventType} {Id} after {Attempt} attempts: {Reason}, {ExceptionType}. It is kept as a dead letter.")]
    public static partial void DeadLettered(ILogger log, Exception? error, string subscription, string eventType, string id, int attempt, DeadLetterReason reason, string exceptionType);

    [LoggerMessage(LogEventIds.DeadLetterStoreFailed, LogLevel.Error, "The dead-letter store failed for subscription {Subscription}, {EventType} {Id}. The delivery stays with the subscription, and the store is asked again.")]
    public static partial void DeadLetterStoreFailed(ILogger log, Exception error, string subscription, string eventType, string id);

    [LoggerMessage(LogEventIds.DeadLetterEvicted, LogLevel.Error, "The dead-letter store was full and lost the oldest dead letter: subscription {Subscription}, {EventType} {Id}.")]
    public static partial void DeadLetterEvicted(ILogger log, string subscription, string eventType, string id);

    [LoggerMessage(LogEventIds.DeadLetterAlertFailed, LogLevel.Error, "OnDeadLetter threw for subscription {Subscription}, {Id}. The dead letter is kept all the same.")]
    public static partial void DeadLetterAlertFailed(ILogger log, Exception error, string subscription, string id);

    [LoggerMessage(LogEventIds.DeadLetterAlertStuck, LogLevel.Error, "OnDeadLetter has not returned for subscription {Subscription}, {Id}, after {Limit}. Its token was cancelled, and the subscription goes on without it, unless it blocks its thread.")]
    public static partial void DeadLetterAlertStuck(ILogger log, string subscription, string id, TimeSpan limit);

    [LoggerMessage(LogEventIds.DeadLetterStoreStuck, LogLevel.Error, "The dead-letter store has not answered for subscription {Subscription}, {EventType} {Id}. Its worker waits until it does.")]
    public static partial void DeadLetterStoreStuck(ILogger log, string subscription, string eventType, string id);

    [LoggerMessage(LogEventIds.Started, LogLevel.Information, "The bus has started: {Subscriptions} subscriptions.")]
    public static partial void Started(ILogger log, int subscriptions);

    [LoggerMessage(LogEventIds.Stopped, LogLevel.Information, "The bus has stopped after {Elapsed}. Every accepted event is settled, or kept in the event log.")]
    public static partial void Stopped(ILogger log, TimeSpan elapsed);

    [LoggerMessage(LogEventIds.StoppedWithWork, LogLevel.Warning, "The bus has stopped after {Elapsed} with {Abandoned} deliveries abandoned and {Scheduled} events still scheduled.")]
    public static partial void StoppedWithWork(ILogger log, TimeSpan elapsed, int abandoned, int scheduled);

    [LoggerMessage(LogEventIds.WorkLeft, LogLevel.Warning, "Subscription {Subscription} ended with {Count} deliveries waiting. They are dropped.")]
    public static partial void WorkLeft(ILogger log, string subscription, int count);

    [LoggerMessage(LogEventIds.StartedByPublish, LogLevel.Warning, "The bus was started by its first publish. What the event log {Log} had for durable subscriptions, and what is scheduled there, has stood still until now. Start the bus with the application: services.AddEventBusHosting() of the package EmbeddedEventBus.Hosting, or await IEventBus.StartAsync().")]
    public static partial void StartedByPublish(ILogger logger, string log);

    [LoggerMessage(LogEventIds.LogFailed, LogLevel.Critical, "The event log {Log} failed, and the bus uses it no more: durable publishes throw, durable subscriptions stand still, and nothing is acknowledged. Mend the cause, then stop the bus and start it again.")]
    public static partial void LogFailed(ILogger logger, Exception error, string log);

    [LoggerMessage(LogEventIds.LogReadFailed, LogLevel.Error, "The event log could not be read for subscription {Subscription}.")]
    public static partial void LogReadFailed(ILogger logger, Exception error, string subscription);

    [LoggerMessage(LogEventIds.LogCloseFailed, LogLevel.Error, "The event log {Log} could not be closed. Nothing that was acknowledged is lost; the next start treats it as after a crash.")]
    public static partial void LogCloseFailed(ILogger logger, Exception error, string log);

    [LoggerMessage(LogEventIds.EventsRemoved, LogLevel.Information, "{Count} events were removed from the event log, as its retention allows.")]
    public static partial void EventsRemoved(ILogger log, long count);

    [LoggerMessage(LogEventIds.UnreadRemoved, LogLevel.Warning, "Durable subscription {Subscription} loses what it had not read from event {From} on: the retention allows it, and the log now begins at event {Oldest}.")]
    public static partial void UnreadRemoved(ILogger log, string subscription, long from, long oldest);

    [LoggerMessage(LogEventIds.RetentionFailed, LogLevel.Warning, "Old events could not be removed from the event log. It is tried again.")]
    public static partial void RetentionFailed(ILogger log, Exception error);

    [LoggerMessage(LogEventIds.SameIdOtherBody, LogLevel.Warning, "{EventType} {Id} was published again with another body. The first one stays in the log, and the second is not added.")]
    public static partial void SameIdOtherBody(ILogger log, string eventType, string id);

    [LoggerMessage(LogEventIds.DeliveryGone, LogLevel.Error, "Subscription {Subscription} was to try event {Sequence} again, and the log does not have it any more. The delivery is forgotten.")]
    public static partial void DeliveryGone(ILogger log, string subscription, long sequence);

    [LoggerMessage(LogEventIds.SubscriptionAdded, LogLevel.Information, "Durable subscription {Subscription} is new. It begins after event {Position}.")]
    public static partial void SubscriptionAdded(ILogger log, string subscription, long position);

    [LoggerMessage(LogEventIds.SubscriptionUnclaimed, LogLevel.Warning, "The log knows durable subscription {Subscription}, and no handler has it: it stands at event {Position}, with {Unsettled} deliveries waiting and the log's head at {Head}. Its state is kept. Add a handler of that name, rename it with FormerlyNamed, or delete it with IEventBus.EventLog.DeleteSubscriptionAsync.")]
    public static partial void SubscriptionUnclaimed(ILogger log, string subscription, long position, int unsettled, long head);

    [LoggerMessage(LogEventIds.SubscriptionRenamed, LogLevel.Information, "Durable subscription {Subscription} goes on where {FormerName} was.")]
    public static partial void SubscriptionRenamed(ILogger log, string subscription, string formerName);

    [LoggerMessage(LogEventIds.StartsWithCare, LogLevel.Warning, "The event log {Log} was not closed: a process that had it has died, or was shut out. What it may have had in hand is delivered again, each attempt stored before it begins.")]
    public static partial void StartsWithCare(ILogger logger, string log);

    [LoggerMessage(LogEventIds.ReplayBeginsLater, LogLevel.Information, "Subscription {Subscription} is replayed from {From}. The log does not reach back so far: it begins at event {Oldest}, the oldest that is left.")]
    public static partial void ReplayBeginsLater(ILogger log, string subscription, string from, long oldest);

    [LoggerMessage(LogEventIds.ReplaySkips, LogLevel.Warning, "Subscription {Subscription} is moved ahead to {From}, and never gets the {Unread} events of the log that it had not read. What it had read and not settled is kept.")]
    public static partial void ReplaySkips(ILogger log, string subscription, string from, long unread);

    [LoggerMessage(LogEventIds.TooManyParked, LogLevel.Warning, "Durable subscription {Subscription} has {Unsettled} deliveries that wait, and reads no further until some are settled. The log keeps what comes.")]
    public static partial void TooManyParked(ILogger log, string subscription, int unsettled);

    [LoggerMessage(LogEventIds.StateRefused, LogLevel.Critical, "The event log does not take what is to be stored of subscription {Subscription}, which stands still until the next start: what it had not stored is delivered again then. The log and the other subscriptions go on. Please report this.")]
    public static partial void StateRefused(ILogger log, Exception error, string subscription);
}
