using EventBus.Events;
using EventBus.Queueing;
using EventBus.Settling;
using EventBus.Timing;
using EventBus.UnitTests.Support;
using Microsoft.Extensions.Time.Testing;

namespace EventBus.UnitTests.Queueing;

/// <summary>An event's key is what stands before its hyphen, if there is one.</summary>
public sealed class LaneQueueTests : DeliveryQueueTests
{
    [Fact]
    public async Task While_a_worker_has_an_event_of_a_key_another_gets_those_of_other_keys_alone()
    {
        var (queue, first) = await Create(capacity: 10);
        var second = await Workers.IdleFor(queue);
        foreach (var @event in new[] { "a-1", "a-2", "b-1", "c" })
            Add(queue, @event);

        Assert.Equal(["a-1"], Take(queue, first, 1));
        Assert.Equal(["b-1", "c"], Take(queue, second, 2));
        Assert.Equal(Taken.Rest, queue.Take(second, mayRest: true));

        Assert.Equal(["a-2"], Take(queue, first, 1));
    }

    [Fact]
    public async Task Behind_a_parked_delivery_its_key_waits_and_follows_in_order()
    {
        var (queue, worker) = await Create(capacity: 10);
        foreach (var @event in new[] { "a-1", "a-2", "b-1" })
            Add(queue, @event);
        Take(queue, worker, 1);

        var parked = queue.Park(worker, new(new RetryState(), default))!;
        Add(queue, "a-3");
        Assert.Equal(["b-1"], Take(queue, worker, 1));
        Assert.Equal(Taken.Rest, queue.Take(worker, mayRest: true));
        queue.Return(parked);

        Assert.Equal(["a-1", "a-2", "a-3"], Take(queue, worker, 3));
        Assert.Equal(queue.ParkedIn, queue.ParkedOut);
    }

    [Fact]
    public async Task Held_it_gives_nothing_also_to_a_worker_that_reads_on_without_the_lock()
    {
        // On the system's clock, and so many at a time, that the worker is seen to be quick and needs the lock no more for each.
        const int Many = 400;
        var queue = CreateQueue(new QueueLimits(1_000, 10, 1_000, QueueFullMode.Reject), new DueTimer(new Clock(TimeProvider.System), ThreadStarter.Instance));
        var worker = await Workers.IdleFor(queue);
        for (var round = 0; round < 50; round++)
        {
            for (var i = 0; i < Many; i++)
                Add(queue, "a-1");
            Take(queue, worker, Many - 10);

            queue.Hold(HoldReason.Paused, true);
            Assert.NotEqual(Taken.Delivery, queue.Take(worker, mayRest: false));
            queue.Hold(HoldReason.Paused, false);

            Take(queue, worker, 10);
        }
    }

    [Fact]
    public async Task A_key_has_at_most_its_share_of_the_room()
    {
        var queue = CreateQueue(new QueueLimits(10, 10, 2, QueueFullMode.Reject), Timer());
        await Workers.IdleFor(queue);
        Add(queue, "a-1");
        Add(queue, "a-2");

        Assert.Equal(Admission.Refused, Add(queue, "a-3"));
        Assert.Equal((Admission.Accepted, Admission.Accepted), (Add(queue, "b-1"), Add(queue, "none")));
        Assert.Equal(Admission.Accepted, Add(queue, "a-4", fromWorker: true));
    }

    [Fact]
    public async Task Of_a_key_past_its_share_the_oldest_is_dropped_and_else_the_oldest_of_all()
    {
        var queue = CreateQueue(new QueueLimits(3, 1, 2, QueueFullMode.DropOldest), Timer());
        await Workers.IdleFor(queue);
        var dropped = new List<string>();
        queue.OnDropped = @event => dropped.Add(@event.Event);

        foreach (var @event in new[] { "b-1", "a-1", "a-2", "a-3", "c-1" })
            Add(queue, @event);

        Assert.Equal(["a-1", "b-1"], dropped);
    }

    [Fact]
    public async Task A_key_whose_events_are_done_takes_no_memory()
    {
        var (queue, worker) = await Create(capacity: 10);
        foreach (var @event in new[] { "a-1", "b-1", "c-1" })
            Add(queue, @event);

        Take(queue, worker, 3);
        Assert.Equal(Taken.Rest, queue.Take(worker, mayRest: true));

        Assert.Equal(0, ((LaneQueue<string, string>)queue).Keys);
    }

    [Fact]
    public async Task A_key_that_cannot_be_read_is_reported_and_its_event_is_not_accepted()
    {
        var queue = new LaneQueue<string, string>(new QueueLimits(10, 10, 10, QueueFullMode.Wait), static (in QueuedEvent<string> _, out string _) => throw new FormatException(), Timer());
        await Workers.IdleFor(queue);
        var reported = new List<(Exception, object)>();
        queue.OnKeyFailed = (error, @event) => reported.Add((error, @event));

        Assert.Equal(Admission.KeyFailed, Add(queue, "a"));

        Assert.Equal(0, queue.Accepted);
        Assert.IsType<FormatException>(Assert.Single(reported).Item1);
    }

    internal override DeliveryQueue<string> CreateQueue(QueueLimits limits, DueTimer timer) => new LaneQueue<string, string>(limits, Read, timer);

    private static DueTimer Timer() => new(new Clock(new FakeTimeProvider()), ThreadStarter.Instance);

    private static bool Read(in QueuedEvent<string> @event, out string key)
    {
        var end = @event.Event.IndexOf('-', StringComparison.Ordinal);
        key = end < 0 ? "" : @event.Event[..end];
        return end >= 0;
    }
}
