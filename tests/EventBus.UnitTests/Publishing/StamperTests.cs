using EventBus.Events;
using EventBus.Publishing;
using EventBus.Timing;
using Microsoft.Extensions.Time.Testing;

namespace EventBus.UnitTests.Publishing;

public sealed class StamperTests
{
    // Half of all: the other half is for a clock that was set back.
    private const int Numbers = 1 << (Stamp.NumberBits - 1);

    private readonly FakeTimeProvider _time = new();
    private readonly Stamper _stamper;

    public StamperTests() => _stamper = new Stamper(new Clock(_time));

    [Fact]
    public void A_stamp_has_the_time_of_its_publish_to_the_millisecond()
    {
        _time.SetUtcNow(new DateTimeOffset(2026, 11, 24, 1, 2, 3, 456, TimeSpan.Zero));

        Assert.Equal(_time.GetUtcNow(), _stamper.Next().Time);
        _time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal(_time.GetUtcNow(), _stamper.Next().Time);
    }

    [Fact]
    public void Numbers_grow_on_a_thread()
    {
        var numbers = Take(_stamper, 1000).Select(static stamp => stamp.Number).ToList();

        Assert.Equal(numbers.Order(), numbers);
    }

    [Fact]
    public void No_stamp_of_a_moment_is_given_twice_by_one_thread() =>
        Assert.Equal(Numbers, Take(_stamper, Numbers).Select(static stamp => stamp.Bits).Distinct().Count());

    [Fact]
    public async Task No_stamp_of_a_moment_is_given_twice_by_threads_that_publish_at_once()
    {
        const int Threads = 4;
        const int Each = 200_000;
        using var start = new Barrier(Threads);

        var stamps = await Task.WhenAll(Enumerable.Range(0, Threads).Select(_ => Task.Factory.StartNew(
            () =>
            {
                start.SignalAndWait();
                return Take(_stamper, Each);
            },
            CancellationToken.None,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default)));

        Assert.Equal(Threads * Each, stamps.SelectMany(static some => some).Select(static stamp => stamp.Bits).Distinct().Count());
    }

    [Fact]
    public void No_stamp_of_a_moment_is_given_twice_where_a_thread_publishes_to_two_buses_in_turn()
    {
        const int Each = 100_000;
        var other = new Stamper(new Clock(_time));

        var stamps = Enumerable.Range(0, Each).Select(_ => (Own: _stamper.Next().Bits, Other: other.Next().Bits)).ToList();

        Assert.Equal(Each, stamps.Select(static pair => pair.Own).Distinct().Count());
        Assert.Equal(Each, stamps.Select(static pair => pair.Other).Distinct().Count());
    }

    [Fact]
    public void Numbers_that_a_thread_kept_for_long_are_not_given_out_when_others_have_come_around_to_them()
    {
        _stamper.Next();
        _time.Advance(TimeSpan.FromMilliseconds(9));
        var others = OnAnotherThread(() => Take(_stamper, Numbers).Select(static stamp => stamp.Bits).TakeLast(1024).ToHashSet());

        var own = _stamper.Next().Bits;

        Assert.DoesNotContain(own, others);
    }

    private static List<Stamp> Take(Stamper stamper, int count)
    {
        var stamps = new List<Stamp>(count);
        for (var i = 0; i < count; i++)
            stamps.Add(stamper.Next());
        return stamps;
    }

    private static T OnAnotherThread<T>(Func<T> action)
    {
        var result = default(T);
        var thread = new Thread(() => result = action());
        thread.Start();
        thread.Join();
        return result!;
    }
}
