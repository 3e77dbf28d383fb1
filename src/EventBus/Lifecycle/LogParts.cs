using EventBus.Events;
using EventBus.Observing;
using EventBus.Publishing;
using EventBus.Recording;
using EventBus.Routing;
using EventBus.Storage;
using EventBus.Timing;
using Microsoft.Extensions.Logging;

namespace EventBus.Lifecycle;

/// <summary>What a bus with an event log is made of in addition.</summary>
/// <remarks>All that works with a log is made here, and this is made for a bus with a log only: a trimmed program that chooses none has no code of it.</remarks>
internal sealed class LogParts(Recorder recorder, IEventLog? own, Clock clock, DueTimer timer, WorkStarter starter, ILogger log)
{
    /// <summary>Writes to the event log.</summary>
    public readonly Recorder Recorder = recorder;

    /// <summary>The event log, where the bus has to dispose it.</summary>
    public readonly IEventLog? Own = own;

    public readonly IDeadLetterStore DeadLetters = new LogDeadLetterStore(recorder);

    public readonly IIdempotencyStore Idempotency = new LogIdempotencyStore(recorder, clock);

    public LogSchedule ScheduleFor(RouteTable routes, IdleSignal idle, BusTelemetry telemetry) =>
        new(Recorder, new ActivatedDelivery(routes, Recorder, telemetry, log), timer, starter, clock, idle, log);

    public Retention RetentionFor(IdleSignal idle) => new(Recorder, clock, timer, starter, idle, log);

    /// <summary>What delivers a dead letter of the log again.</summary>
    public Func<long, CancellationToken, ValueTask<bool?>> RedriveFor(RouteTable routes, IBusObserver? observer) => new LogRedrive(routes, Recorder, observer).DeliverAsync;

    public void Open(IReadOnlyList<DurableSubscription> subscriptions) => new LogStart(Recorder, subscriptions, log).Run();
}
