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
    public void What_waits_behind_is_released_one_by_one_in_its_order()
    {
        _keys.Block("a", Rows.Of(3, "a"));
        var (second, third) = (Rows.Of(5, "a"), Rows.Of(4, "a"));
        _keys.Add("a", second);
        _keys.Add("a", third);

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
    public void Of_the_stored_the_first_is_the_head_and_the_others_wait_behind_it()
    {
        var (first, second) = (Rows.Of(3, "a"), Rows.Of(4, "a"));
        _keys.Load("a", first);
        _keys.Load("a", second);

        Assert.False(_keys.IsBlocked("a", first.Id));
        Assert.Same(second, _keys.Release("a", first.Id));
    }

    [Fact]
    public void An_empty_key_is_a_key()
    {
        _keys.Block("", Rows.Of(3, ""));

        Assert.True(_keys.IsBlocked("", new(4)));
        Assert.False(_keys.IsBlocked("\0", new(4)));
    }
}
