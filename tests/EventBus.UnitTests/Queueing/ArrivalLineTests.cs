using EventBus.Events;
using EventBus.Queueing;
using EventBus.UnitTests.Support;

namespace EventBus.UnitTests.Queueing;

public sealed class ArrivalLineTests
{
    private readonly ArrivalLine<string, string> _line = new(null);
    private readonly Lanes<string, string> _lanes = new(new QueueLimits(10, 10, 10, QueueFullMode.Wait), null);

    [Fact]
    public void Its_worker_reads_on_to_the_end_and_not_beyond()
    {
        Arrive("a", "b");
        var worker = WorkerOf();

        _line.Begin(worker);
        Assert.Equal("a", worker.Current.Event);
        Assert.True(_line.TryRead(out var next));
        Assert.Equal("b", next.Event);
        Assert.False(_line.TryRead(out _));
        Assert.True(_line.IsEmpty);
    }

    [Fact]
    public void Once_the_line_is_taken_from_it_a_worker_reads_nothing_of_it_nor_of_what_came_since()
    {
        Arrive("a", "b");
        var worker = WorkerOf();
        _line.Begin(worker);

        _line.MoveTo(_lanes);
        Assert.False(_line.TryRead(out _));
        Arrive("c");
        Assert.False(_line.TryRead(out _));
        _line.MoveTo(_lanes);

        var waiting = new List<QueuedEvent<string>>();
        _lanes.AddWaitingTo(waiting);
        Assert.Equal(["b", "c"], waiting.Select(static queued => queued.Event).Order());
    }

    [Fact]
    public void What_its_worker_has_left_is_there_for_the_next()
    {
        Arrive("a", "b");
        _line.Begin(WorkerOf());
        _line.Leave();

        Assert.False(_line.IsEmpty);
        Assert.False(_line.TryRead(out _));
        var next = WorkerOf();
        _line.Begin(next);

        Assert.Equal("b", next.Current.Event);
    }

    private long _arrived;

    private void Arrive(params string[] events)
    {
        var ring = new Ring<string>();
        var keys = new KeySlot<string>[ring.Length];
        var first = _arrived;
        foreach (var @event in events)
        {
            keys[_arrived & (keys.Length - 1)] = new(true, @event, @event.GetHashCode(StringComparison.Ordinal));
            ring.Put(_arrived++, new QueuedEvent<string>(@event, default, null));
        }

        _line.Reset(ring, keys, first, _arrived);
    }

    private static Worker<string> WorkerOf() => Workers.For(new FifoQueue<string>(new QueueLimits(10, 10, 10, QueueFullMode.Wait)));
}
