using EventBus.Events;
using EventBus.Queueing;
using EventBus.Settling;
using EventBus.Timing;
using EventBus.UnitTests.Support;
using Microsoft.Extensions.Time.Testing;

namespace EventBus.UnitTests.Queueing;

/// <summary>What a queue without keys and one with lanes have in common. The test takes in the worker's place.</summary>
public abstract class DeliveryQueueTests
{
    private static readonly EventBusStoppedException s_closed = new("closed");

    [Fact]
    public async Task Events_come_out_in_the_order_in_which_they_went_in()
    {
        var (queue, worker) = await Create(capacity: 100);
        var events = Enumerable.Range(1, 100).Select(static number => $"{number}").ToList();

        foreach (var @event in events)
            Assert.Equal(Admission.Accepted, Add(queue, @event));

        Assert.Equal(events, Take(queue, worker, 100));
        Assert.Equal(100, queue.Accepted);
    }

    [Theory]
    [InlineData(QueueFullMode.Wait, Admission.MustWait, 2, new[] { "a", "b" }, new string[0])]
    [InlineData(QueueFullMode.Reject, Admission.Refused, 2, new[] { "a", "b" }, new string[0])]
    [InlineData(QueueFullMode.DropNewest, Admission.Dropped, 3, new[] { "a", "b" }, new[] { "c" })]
    [InlineData(QueueFullMode.DropOldest, Admission.AcceptedDroppingOldest, 3, new[] { "b", "c" }, new[] { "a" })]
    internal async Task A_full_queue_answers_as_its_mode_says(QueueFullMode mode, Admission answer, long accepted, string[] kept, string[] dropped)
    {
        var (queue, worker) = await Create(capacity: 2, mode);
        var lost = new List<string>();
        queue.OnDropped = @event => lost.Add(@event.Event);
        Add(queue, "a");
        Add(queue, "b");

        Assert.Equal(answer, Add(queue, "c"));

        Assert.Equal(accepted, queue.Accepted);
        Assert.Equal(dropped, lost);
        Assert.Equal(kept, Take(queue, worker, 2));
    }

    [Fact]
    public async Task A_handler_may_use_the_reserve_and_never_has_to_wait()
    {
        var (queue, _) = await Create(capacity: 1, reserve: 1);
        Add(queue, "a");

        Assert.Equal(Admission.Accepted, Add(queue, "b", fromWorker: true));
        Assert.Equal(Admission.Refused, Add(queue, "c", fromWorker: true));
    }

    [Fact]
    public async Task Room_is_given_back_when_a_delivery_begins()
    {
        var (queue, worker) = await Create(capacity: 1, QueueFullMode.Reject);
        Add(queue, "a");

        Assert.Equal(["a"], Take(queue, worker, 1));

        Assert.Equal(Admission.Accepted, Add(queue, "b"));
        Assert.Equal(Admission.Refused, Add(queue, "c"));
    }

    [Fact]
    public async Task Publishers_that_wait_are_let_in_as_they_came()
    {
        var (queue, worker) = await Create(capacity: 1);
        Add(queue, "a");
        var first = Wait(queue, "b");
        var second = Wait(queue, "c");

        Assert.Equal(["a"], Take(queue, worker, 1));
        await first;
        Assert.False(second.IsCompleted);
        Assert.Equal(["b"], Take(queue, worker, 1));
        await second;
        Assert.Equal(["c"], Take(queue, worker, 1));
        Assert.Equal(3, queue.Accepted);
    }

    [Fact]
    public async Task A_publisher_that_stops_waiting_leaves_the_line_to_the_next()
    {
        using var gone = new CancellationTokenSource();
        var (queue, worker) = await Create(capacity: 1);
        Add(queue, "a");
        var first = Wait(queue, "b", gone.Token);
        var second = Wait(queue, "c");

        await gone.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        Assert.Equal(["a"], Take(queue, worker, 1));
        await second;
        Assert.Equal(["c"], Take(queue, worker, 1));
        Assert.Equal(2, queue.Accepted);
    }

    [Fact]
    public async Task A_queue_that_is_held_accepts_and_gives_nothing_out_until_every_reason_is_gone()
    {
        var (queue, worker) = await Create(capacity: 10);
        queue.Hold(HoldReason.Paused, true);
        queue.Hold(HoldReason.Stopped, true);

        Assert.Equal(Admission.Accepted, Add(queue, "a"));
        Assert.Equal(Taken.Rest, queue.Take(worker, mayRest: true));
        queue.Hold(HoldReason.Paused, false);
        Assert.Equal(Taken.Rest, queue.Take(worker, mayRest: true));
        queue.Hold(HoldReason.Stopped, false);

        Assert.Equal(["a"], Take(queue, worker, 1));
    }

    [Fact]
    public async Task A_queue_that_closes_fails_those_who_wait_and_takes_from_handlers_alone()
    {
        var (queue, worker) = await Create(capacity: 1, reserve: 1);
        Add(queue, "a");
        var waiting = Wait(queue, "b");

        queue.Close(s_closed, forWorkersToo: false);

        Assert.Same(s_closed, await Assert.ThrowsAsync<EventBusStoppedException>(() => waiting));
        Assert.Same(s_closed, await Assert.ThrowsAsync<EventBusStoppedException>(() => Wait(queue, "c")));
        Assert.Equal(Admission.Closed, Add(queue, "d"));
        Assert.Equal(Admission.Accepted, Add(queue, "e", fromWorker: true));
        Assert.Equal(["a", "e"], Take(queue, worker, 2));
    }

    [Fact]
    public async Task A_queue_that_is_closed_to_all_takes_from_nobody_until_it_is_opened()
    {
        var (queue, _) = await Create(capacity: 10);

        queue.Close(s_closed, forWorkersToo: true);
        Assert.Equal((Admission.Closed, Admission.Closed), (Add(queue, "a"), Add(queue, "b", fromWorker: true)));

        queue.Close(null, forWorkersToo: false);
        Assert.Equal((Admission.Accepted, Admission.Accepted), (Add(queue, "a"), Add(queue, "b", fromWorker: true)));
    }

    [Fact]
    public async Task A_parked_delivery_takes_its_room_again_and_comes_back_with_what_it_brings()
    {
        var (queue, worker) = await Create(capacity: 2, QueueFullMode.Reject);
        var retry = new RetryState();
        Add(queue, "a");
        Take(queue, worker, 1);

        var parked = queue.Park(worker, new(retry, default))!;
        Assert.Equal((Admission.Accepted, Admission.Refused), (Add(queue, "b"), Add(queue, "c")));
        Assert.Equal(["b"], Take(queue, worker, 1));
        queue.Return(parked);
        Assert.Equal(["a"], Take(queue, worker, 1));

        Assert.Same(retry, worker.Retry);
        Assert.Equal((2, 1, 1), (queue.Accepted, queue.ParkedIn, queue.ParkedOut));
    }

    [Fact]
    public async Task What_waits_is_what_stands_in_line_what_is_parked_and_what_has_come_back()
    {
        var (queue, worker) = await Create(capacity: 10);
        foreach (var @event in new[] { "a", "b", "c", "d" })
            Add(queue, @event);
        Take(queue, worker, 1);
        var back = queue.Park(worker, new(new RetryState(), default))!;
        Take(queue, worker, 1);
        queue.Park(worker, new(new RetryState(), default));

        queue.Return(back);
        queue.Hold(HoldReason.Paused, true);

        Assert.Equal(["a", "b", "c", "d"], queue.Waiting().Select(static @event => @event.Event).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task What_follows_from_an_event_that_waits_stands_directly_behind_it_within_the_reserve()
    {
        var (queue, worker) = await Create(capacity: 1, reserve: 2);
        Add(queue, "k-a");
        var cause = WaitAs(queue, "k-b", number: 7);
        var next = WaitAs(queue, "k-c", number: 8);

        Assert.Equal(Admission.Accepted, Follow(queue, "k-b1", root: 7));
        Assert.Equal(Admission.Accepted, Follow(queue, "k-b2", root: 7));
        Assert.Equal(Admission.Refused, Follow(queue, "k-b3", root: 7));
        Assert.False(cause.IsCompleted);
        Assert.Equal((3, 2, 0), (queue.Accepted, queue.ParkedIn, queue.ParkedOut));
        Assert.Equal(["k-a", "k-b1", "k-b2"], queue.Waiting().Select(static @event => @event.Event).Order(StringComparer.Ordinal));

        Assert.Equal(["k-a", "k-b", "k-b1", "k-b2", "k-c"], Take(queue, worker, 5));
        await cause;
        await next;
        Assert.Equal((5, 2, 2), (queue.Accepted, queue.ParkedIn, queue.ParkedOut));
    }

    [Fact]
    public async Task What_follows_from_another_event_takes_the_reserve_at_once()
    {
        var (queue, worker) = await Create(capacity: 1, reserve: 1);
        Add(queue, "k-a");
        var waiting = WaitAs(queue, "k-b", number: 7);

        Assert.Equal(Admission.Accepted, Follow(queue, "k-x", root: 9));

        Assert.Equal(["k-a", "k-x", "k-b"], Take(queue, worker, 3));
        await waiting;
    }

    [Fact]
    public async Task Where_the_event_that_something_follows_from_is_given_up_it_stands_behind_the_last_that_is_left_or_comes_in()
    {
        using var first = new CancellationTokenSource();
        using var second = new CancellationTokenSource();
        var (queue, worker) = await Create(capacity: 1, reserve: 1);
        Add(queue, "k-a");
        var waiting = new[] { WaitAs(queue, "k-b", number: 7, second.Token), WaitAs(queue, "k-c", number: 7, first.Token) };
        Follow(queue, "k-x", root: 7);

        await first.CancelAsync();
        Assert.Equal((2, 1, 0), (queue.Accepted, queue.ParkedIn, queue.ParkedOut));
        await second.CancelAsync();
        Assert.Equal((2, 1, 1), (queue.Accepted, queue.ParkedIn, queue.ParkedOut));

        foreach (var publisher in waiting)
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => publisher);
        Assert.Equal(["k-a", "k-x"], Take(queue, worker, 2));
    }

    internal abstract DeliveryQueue<string> CreateQueue(QueueLimits limits, DueTimer timer);

    private protected async Task<(DeliveryQueue<string> Queue, Worker<string> Worker)> Create(int capacity, QueueFullMode mode = QueueFullMode.Wait, int reserve = 1)
    {
        var queue = CreateQueue(new QueueLimits(capacity, reserve, capacity, mode), new DueTimer(new Clock(new FakeTimeProvider()), ThreadStarter.Instance));
        return (queue, await Workers.IdleFor(queue));
    }

    private protected static Admission Add(DeliveryQueue<string> queue, string @event, bool fromWorker = false, string? key = null) =>
        queue.TryAdd(Queued(@event, key), fromWorker);

    private protected static Task Wait(DeliveryQueue<string> queue, string @event, CancellationToken cancellationToken = default) =>
        queue.AddAsync(Queued(@event, null), cancellationToken).AsTask();

    private protected static Task WaitAs(DeliveryQueue<string> queue, string @event, long number, CancellationToken cancellationToken = default) =>
        queue.AddAsync(new(@event, new Stamp(0, number), null), cancellationToken).AsTask();

    /// <summary>What a handler publishes, and what follows from the event of that number.</summary>
    private protected static Admission Follow(DeliveryQueue<string> queue, string @event, long root) =>
        queue.TryAdd(new(@event, new Stamp(0, 100), new EventDetails { Root = EventDetails.RootOf(new Stamp(0, root), null) }), fromWorker: true);

    /// <summary>Takes so many deliveries, each of which is settled at once.</summary>
    private protected static List<string> Take(DeliveryQueue<string> queue, Worker<string> worker, int count)
    {
        var taken = new List<string>();
        for (var i = 0; i < count; i++)
        {
            Assert.Equal(Taken.Delivery, queue.Take(worker, mayRest: true));
            taken.Add(worker.Current.Event);
        }

        return taken;
    }

    private static QueuedEvent<string> Queued(string @event, string? key) => new(@event, new Stamp(0, 1), key is null ? null : new EventDetails { Key = key });
}
