using EventBus.Events;
using EventBus.Observing;
using EventBus.Queueing;
using EventBus.Settling;
using EventBus.UnitTests.Support;
using Microsoft.Extensions.Logging;

namespace EventBus.UnitTests.Queueing;

/// <summary>A worker whose queue is at fault: the bus says so and lives on.</summary>
public sealed class WorkerTests
{
    private static readonly TimeSpan s_safetyNet = TimeSpan.FromSeconds(60);

    private readonly FaultLog _log = new();

    [Fact]
    public async Task A_fault_of_the_bus_ends_its_worker_and_is_logged_once_as_critical()
    {
        var worker = Workers.For(new FaultyQueue { FailsToGive = true }, _log);

        worker.Wake();
        await _log.Written.WaitAsync(s_safetyNet);
        worker.Wake();
        worker.End();

        var (level, id, error) = Assert.Single(_log.Lines);
        Assert.Equal((LogLevel.Critical, LogEventIds.WorkerFailed), (level, id));
        Assert.Equal("The queue is broken.", error!.Message);
    }

    [Fact]
    public async Task The_delivery_that_a_worker_had_at_such_a_fault_stays_in_its_hand()
    {
        var worker = Workers.For(new FaultyQueue(), _log);

        worker.Wake();
        await _log.Written.WaitAsync(s_safetyNet);

        Assert.True(worker.HasDelivery);
        Assert.Equal("fact", worker.Current.Event);
    }

    private sealed class FaultLog : ILogger
    {
        private readonly TaskCompletionSource _written = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Written => _written.Task;

        public List<(LogLevel Level, int Id, Exception? Error)> Lines { get; } = [];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            Lines.Add((logLevel, eventId.Id, exception));
            _written.TrySetResult();
        }
    }

    /// <summary>Fails when it is asked for a delivery, or gives one and fails when that is settled.</summary>
    private sealed class FaultyQueue() : DeliveryQueue<string>(new QueueLimits(1, 1, 1, QueueFullMode.Wait))
    {
        public bool FailsToGive { get; init; }

        public override long Accepted => 1;

        public override long ParkedIn => 0;

        public override long ParkedOut => 0;

        public override bool AnyPublisherWaits => false;

        public override Taken Take(Worker<string> worker, bool mayRest)
        {
            if (FailsToGive)
                throw Broken();
            worker.Current = new QueuedEvent<string>("fact", new Stamp(0, 1), null);
            return Taken.Delivery;
        }

        public override void Settled(Worker<string> worker) => throw Broken();

        public override void Attach(Worker<string> worker) => throw Broken();

        public override void Replace(Worker<string> abandoned, Worker<string> successor) => throw Broken();

        public override Admission TryAdd(in QueuedEvent<string> @event, bool fromWorker) => throw Broken();

        public override ValueTask AddAsync(in QueuedEvent<string> @event, CancellationToken cancellationToken) => throw Broken();

        public override void BeforeWaiting(Worker<string> worker) => throw Broken();

        public override Parked<string>? Park(Worker<string> worker, in Parking waits) => throw Broken();

        public override void Return(Parked<string> parked) => throw Broken();

        public override bool TryForget(RoomWaiter<string> waiter) => throw Broken();

        public override void Hold(HoldReason reason, bool on) => throw Broken();

        public override void Close(Exception? reason, bool forWorkersToo) => throw Broken();

        public override IReadOnlyList<QueuedEvent<string>> Waiting() => throw Broken();

        private static InvalidOperationException Broken() => new("The queue is broken.");
    }
}
