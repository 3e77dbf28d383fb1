using EventBus.Checkpointing;

namespace EventBus.UnitTests.Checkpointing;

public sealed class BlockedKeysTests
{
    private readonly BlockedKeys _keys = new();

    [Fact]
    public void A_key_blocks_all_but_its_first()
    {
        _keys.Block("a", Rows.Of(3, "a"));

        Assert.True(_keys.Any);
        Assert.False(_keys.IsBlocked("a", new(3)));
        Assert.True(_keys.IsBlocked("a", new(4)));
        Assert.True(_keys.IsBlocked("a", new(3, DeadLetterId: 7)));
        Assert.False(_keys.IsBlocked("A", new(4)));
    }

    [Fact]
    public void The_first_stays_the_first_when_it_waits_again()
    {
        _keys.Block("a", Rows.Of(3, "a"));

        _keys.Block("a", Rows.Of(3, "a"));
        _keys.Block("a", Rows.Of(4, "a"));

        Assert.False(_keys.IsBlocked("a", new(3)));
        Assert.True(_keys.IsBlocked("a", new(4)));
    }

    [Fact]
    public void What_waits_behind_is_released_one_by_one_in_the_order_of_the_log()
    {
        _keys.Block("a", Rows.Of(3, "a"));
        var (second, third) = (Rows.Of(4, "a"), Rows.Of(5, "a"));
        _keys.Add("a", third);
        _keys.Add("a", second);

        Assert.Same(second, _keys.Release("a", new(3)));
        Assert.True(_keys.IsBlocked("a", third.Id));
        Assert.Same(third, _keys.Release("a", second.Id));
        Assert.Null(_keys.Release("a", third.Id));
        Assert.False(_keys.Any);
    }

    [Fact]
    public void Only_the_first_releases()
    {
        _keys.Block("a", Rows.Of(3, "a"));
        _keys.Add("a", Rows.Of(4, "a"));

        Assert.Null(_keys.Release("a", new(4)));
        Assert.Null(_keys.Release("b", new(3)));
        Assert.True(_keys.IsBlocked("a", new(4)));
    }

    [Fact]
    public void Earlier_ones_are_not_blocked_and_the_first_of_them_that_waits_takes_the_place_of_the_head()
    {
        var (first, second) = (Rows.Of(3, "a"), Rows.Of(4, "a"));
        Assert.Null(_keys.Block("a", second));
        Assert.False(_keys.IsBlocked("a", first.Id));

        Assert.Same(second, _keys.Block("a", first));

        Assert.True(_keys.IsBlocked("a", second.Id));
        Assert.Null(_keys.Release("a", second.Id));
        Assert.Null(_keys.Release("a", first.Id));
    }

    [Fact]
    public void A_later_one_that_waits_beside_the_head_is_told_apart()
    {
        var (first, second) = (Rows.Of(3, "a"), Rows.Of(4, "a"));
        Assert.Null(_keys.Block("a", first));

        Assert.Same(second, _keys.Block("a", second));

        Assert.True(_keys.IsBlocked("a", second.Id));
    }

    [Fact]
    public void An_empty_key_is_a_key()
    {
        _keys.Block("", Rows.Of(3, ""));

        Assert.True(_keys.IsBlocked("", new(4)));
        Assert.False(_keys.IsBlocked("\0", new(4)));
    }
}
