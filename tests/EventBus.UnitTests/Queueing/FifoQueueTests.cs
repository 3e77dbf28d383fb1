using EventBus.Queueing;
using EventBus.Settling;
using EventBus.Timing;

namespace EventBus.UnitTests.Queueing;

public sealed class FifoQueueTests : DeliveryQueueTests
{
    [Fact]
    public async Task A_delivery_that_has_come_back_goes_before_the_line()
    {
        var (queue, worker) = await Create(capacity: 10);
        foreach (var @event in new[] { "a", "b", "c" })
            Add(queue, @event);
        Take(queue, worker, 1);

        queue.Return(queue.Park(worker, new(new RetryState(), default))!);

        Assert.Equal(["a", "b", "c"], Take(queue, worker, 3));
    }

    [Fact]
    public async Task Behind_a_parked_delivery_wait_the_events_of_its_key_and_no_others()
    {
        var (queue, worker) = await Create(capacity: 10);
        Add(queue, "a1", key: "a");
        Add(queue, "a2", key: "a");
        Add(queue, "b1", key: "b");
        Add(queue, "none");
        Add(queue, "a3", key: "a");
        Take(queue, worker, 1);

        var parked = queue.Park(worker, new(new RetryState(), default))!;
        Assert.Equal(["b1", "none"], Take(queue, worker, 2));
        Assert.Equal(Taken.Rest, queue.Take(worker, mayRest: true));
        queue.Return(parked);

        Assert.Equal(["a1", "a2", "a3"], TakeAndSettle(3));
        Add(queue, "a4", key: "a");
        Assert.Equal(["a4"], TakeAndSettle(1));
        Assert.Equal(queue.ParkedIn, queue.ParkedOut);

        List<string> TakeAndSettle(int count)
        {
            var taken = new List<string>();
            for (var i = 0; i < count; i++)
            {
                taken.AddRange(Take(queue, worker, 1));
                queue.Settled(worker);
            }

            return taken;
        }
    }

    internal override DeliveryQueue<string> CreateQueue(QueueLimits limits, DueTimer timer) => new FifoQueue<string>(limits);
}
