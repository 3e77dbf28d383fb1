using EventBus.Events;
using EventBus.Handling;
using EventBus.Observing;
using EventBus.Queueing;
using EventBus.Settling;
using EventBus.Storage;
using EventBus.Timing;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace EventBus.UnitTests.Support;

/// <summary>Workers of a queue that belongs to no bus.</summary>
internal static class Workers
{
    public static Worker<string> For(DeliveryQueue<string> queue, ILogger? log = null, IdleSignal? idle = null)
    {
        var clock = new Clock(new FakeTimeProvider());
        var counters = new SubscriptionCounters();
        var logger = log ?? NullLogger.Instance;
        var store = new InMemoryDeadLetterStore();
        var deadLetters = new DeadLetterWriter((letter, _) => store.AddAsync(letter, CancellationToken.None), Alerts.Of([], clock, logger), clock, logger);
        return new Worker<string>(
            new Work<string>
            {
                Name = "stock",
                Host = new FixedHost(),
                Queue = queue,
                Pipeline = new LambdaCall<string>(static (_, _, _) => default) { Telemetry = null },
                Budget = null,
                Settler = new Settler("stock", RetryPolicy.None, deadLetters, counters, clock, new Chance(1), logger),
                Counters = counters,
                Clock = clock,
                Timer = new DueTimer(clock, ThreadStarter.Instance),
                Starter = ThreadStarter.Instance,
                Idle = idle ?? new IdleSignal(static () => [], static () => false, static () => false),
                Log = logger,
                AttemptTimeout = Timeout.InfiniteTimeSpan,
                MayAbandon = false,
                OnOrphanReturned = static (_, _) => { },
            },
            0);
    }

    /// <summary>A worker that does nothing when it is woken, so that a test can take from the queue in its place.</summary>
    public static async Task<Worker<string>> IdleFor(DeliveryQueue<string> queue)
    {
        var looks = 0;
        var idle = new IdleSignal(static () => [], static () => false, static () => false);
        var worker = For(queue, idle: idle);
        // It looks at the idle signal when it goes to rest for good: that is the second look.
        var rests = idle.WhenAsync(() => looks++ > 0);
        worker.End();
        worker.Wake();
        await rests;
        queue.Attach(worker);
        return worker;
    }
}
