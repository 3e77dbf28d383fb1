using CsCheck;
using EventBus.Checkpointing;

namespace EventBus.UnitTests.Checkpointing;

public sealed class ReadWindowTests
{
    [Fact]
    public void What_nothing_was_read_into_is_empty()
    {
        var window = new ReadWindow(4, withKeys: false);

        Assert.True(window.IsEmpty);
        Assert.False(window.IsFull);
        Assert.False(window.AnyOvertaken);
        Assert.False(window.IsOpen(1));
        Assert.False(window.TrySettle(1));
    }

    [Fact]
    public void The_oldest_moves_on_when_it_is_settled_past_all_that_were_settled_before_it()
    {
        var window = new ReadWindow(4, withKeys: false);
        foreach (var sequence in new[] { 3, 5, 8 })
            window.Add(sequence, null);

        window.TrySettle(5);
        Assert.Equal((3, 2, true), (window.Oldest, window.Open, window.AnyOvertaken));

        window.TrySettle(3);
        Assert.Equal((8, 1, false), (window.Oldest, window.Open, window.AnyOvertaken));
    }

    [Fact]
    public void What_is_settled_is_settled_once()
    {
        var window = new ReadWindow(4, withKeys: false);
        window.Add(3, null);
        window.Add(4, null);

        Assert.True(window.TrySettle(4));
        Assert.False(window.TrySettle(4));
        Assert.False(window.IsOpen(4));
        Assert.Equal(1, window.Open);
    }

    [Fact]
    public void A_sequence_between_two_that_were_read_is_not_there()
    {
        var window = new ReadWindow(4, withKeys: false);
        window.Add(3, null);
        window.Add(9, null);

        Assert.All([0L, 2, 4, 8, 10, long.MaxValue], sequence => Assert.False(window.IsOpen(sequence)));
        Assert.All([3L, 9], sequence => Assert.True(window.IsOpen(sequence)));
    }

    [Fact]
    public void It_holds_as_many_as_the_next_power_of_two_and_room_comes_back_from_the_oldest_only()
    {
        var window = new ReadWindow(3, withKeys: false);
        for (var sequence = 1; sequence <= 4; sequence++)
            window.Add(sequence, null);
        Assert.True(window.IsFull);

        window.TrySettle(2);
        Assert.True(window.IsFull);

        window.TrySettle(1);
        Assert.False(window.IsFull);
    }

    [Fact]
    public void Keys_are_kept_where_there_are_any()
    {
        var with = new ReadWindow(2, withKeys: true);
        var without = new ReadWindow(2, withKeys: false);
        with.Add(1, "a");
        with.Add(2, null);
        without.Add(1, "a");

        Assert.Equal("a", with.OldestKey);
        with.TrySettle(1);
        Assert.Null(with.OldestKey);
        Assert.Null(without.OldestKey);
    }

    [Fact]
    public void Whatever_is_read_and_settled_it_knows_what_a_plain_list_would() =>
        Gen.Int[0, 20].Array[0, 300].Sample(static steps =>
        {
            var window = new ReadWindow(8, withKeys: true);
            var open = new SortedDictionary<long, string?>();
            var done = new SortedSet<long>();
            var last = 0L;

            foreach (var step in steps)
            {
                if (step < 10)
                {
                    if (window.IsFull)
                        continue;
                    // Sequences grow, and have gaps.
                    last += 1 + (step % 3);
                    var key = step % 2 == 0 ? null : $"{step}";
                    window.Add(last, key);
                    open.Add(last, key);
                }
                else
                {
                    var sequence = last - (step - 10);
                    Assert.Equal(open.ContainsKey(sequence), window.TrySettle(sequence));
                    if (open.Remove(sequence))
                        done.Add(sequence);
                }

                var behind = open.Count == 0 ? 0 : done.Count(sequence => sequence > open.Keys.First());
                Assert.Equal(
                    (open.Count, open.Count == 0, behind > 0, open.Count + behind == 8),
                    (window.Open, window.IsEmpty, window.AnyOvertaken, window.IsFull));
                if (open.Count > 0)
                    Assert.Equal((open.Keys.First(), open.Values.First()), (window.Oldest, window.OldestKey));
                Assert.All(Enumerable.Range(0, 12).Select(back => last - back), sequence => Assert.Equal(open.ContainsKey(sequence), window.IsOpen(sequence)));
            }
        });
}
