using EventBus.Timing;

namespace EventBus.UnitTests.Timing;

public sealed class DueQueueTests
{
    [Fact]
    public void What_is_due_first_comes_first()
    {
        var queue = new DueQueue();
        foreach (var dueAt in new[] { 5, 1, 4, 2, 3 })
            queue.Add(new Item(), dueAt);

        Assert.Equal([1, 2, 3, 4, 5], DueTimesOf(queue));
    }

    [Fact]
    public void Of_what_is_due_at_once_the_first_added_comes_first()
    {
        var queue = new DueQueue();
        var items = Enumerable.Range(0, 100).Select(static _ => new Item()).ToList();
        foreach (var item in items)
            queue.Add(item, 7);

        Assert.Equal(items, items.Select(_ => queue.TakeDue(7)));
    }

    [Fact]
    public void What_is_not_due_stays()
    {
        var queue = new DueQueue();
        queue.Add(new Item(), 10);

        Assert.Null(queue.TakeDue(9));
        Assert.NotNull(queue.TakeDue(10));
        Assert.Null(queue.TakeDue(long.MaxValue));
    }

    [Fact]
    public void What_was_removed_is_not_there_and_cannot_be_removed_again()
    {
        var queue = new DueQueue();
        var item = new Item();
        queue.Add(item, 1);

        Assert.True(queue.Remove(item));
        Assert.False(queue.Remove(item));
        Assert.Equal(0, queue.Count);
        Assert.Null(queue.First);
    }

    [Fact]
    public void What_waits_already_is_moved_by_adding_it_again()
    {
        var queue = new DueQueue();
        var (item, other) = (new Item(), new Item());
        queue.Add(item, 1);
        queue.Add(other, 2);

        queue.Add(item, 3);

        Assert.Equal(2, queue.Count);
        Assert.Same(other, queue.TakeDue(3));
        Assert.Same(item, queue.TakeDue(3));
        Assert.Null(queue.TakeDue(long.MaxValue));
    }

    [Fact]
    public void What_was_taken_may_be_added_again()
    {
        var queue = new DueQueue();
        var item = new Item();
        queue.Add(item, 1);
        queue.TakeDue(1);

        queue.Add(item, 2);

        Assert.Same(item, queue.First);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Any_row_of_additions_and_removals_leaves_it_as_a_sorted_list_would_be(int seed)
    {
        var random = new Random(seed);
        var queue = new DueQueue();
        var model = new List<Item>();

        for (var step = 0; step < 20_000; step++)
        {
            switch (random.Next(model.Count > 200 ? 4 : 3))
            {
                case 0 or 1:
                    var added = new Item();
                    queue.Add(added, random.Next(50));
                    model.Add(added);
                    break;
                case 2 when model.Count > 0:
                    var removed = model[random.Next(model.Count)];
                    Assert.True(queue.Remove(removed));
                    model.Remove(removed);
                    break;
                default:
                    var now = random.Next(50);
                    var expected = model.OrderBy(static item => item.DueAt).ThenBy(static item => item.Order).FirstOrDefault(item => item.DueAt <= now);
                    Assert.Same(expected, queue.TakeDue(now));
                    if (expected is not null)
                        model.Remove(expected);
                    break;
            }

            Assert.Equal(model.Count, queue.Count);
        }

        Assert.Equal(model.Select(static item => item.DueAt).Order(), DueTimesOf(queue));
    }

    private static List<long> DueTimesOf(DueQueue queue)
    {
        var times = new List<long>();
        while (queue.TakeDue(long.MaxValue) is { } item)
            times.Add(item.DueAt);
        return times;
    }

    private sealed class Item : DueItem
    {
        public override void OnDue()
        {
        }
    }
}
