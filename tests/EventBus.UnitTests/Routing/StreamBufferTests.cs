using EventBus.Routing;

namespace EventBus.UnitTests.Routing;

public sealed class StreamBufferTests
{
    [Fact]
    public void What_is_dropped_before_is_missed_by_the_next_that_is_taken()
    {
        var buffer = Filled(3);

        buffer.DropOldest();
        buffer.DropOldest();

        Assert.Equal((3, 2), Take(buffer));
    }

    [Fact]
    public void What_is_not_put_in_is_missed_right_before_the_next_that_is()
    {
        var buffer = Filled(2);

        buffer.MissNewest();
        buffer.MissNewest();
        Assert.Equal((1, 0), Take(buffer));
        buffer.Add(5);

        Assert.Equal((2, 0), Take(buffer));
        Assert.Equal((5, 2), Take(buffer));
    }

    [Fact]
    public void Who_is_dropped_leaves_what_was_missed_before_it_to_the_next()
    {
        var buffer = Filled(1);
        buffer.MissNewest();
        buffer.Add(3);
        buffer.Add(4);

        buffer.DropOldest();
        buffer.DropOldest();

        Assert.Equal((4, 3), Take(buffer));
    }

    [Fact]
    public void What_the_reader_could_not_have_is_missed_before_the_next()
    {
        var buffer = Filled(2);
        Take(buffer);

        buffer.MissBeforeFirst(1);

        Assert.Equal((2, 1), Take(buffer));
        Assert.False(buffer.TryTake(out _, out _));
    }

    private static StreamBuffer<int> Filled(int count)
    {
        var buffer = new StreamBuffer<int>(10);
        for (var i = 1; i <= count; i++)
            buffer.Add(i);
        Assert.Equal((count, 10 - count), (buffer.Count, buffer.Room));
        return buffer;
    }

    private static (int Item, long Missed) Take(StreamBuffer<int> buffer)
    {
        Assert.True(buffer.TryTake(out var item, out var missed));
        return (item, missed);
    }
}
