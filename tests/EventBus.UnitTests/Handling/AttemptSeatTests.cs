using EventBus.Handling;
using EventBus.UnitTests.Support;

namespace EventBus.UnitTests.Handling;

public sealed class AttemptSeatTests
{
    private readonly AttemptSeat _seat = new();

    [Fact]
    public void The_attempt_of_that_name_is_cancelled_and_says_why()
    {
        var token = _seat.Begin(7);

        Assert.True(_seat.TryCancel(_seat.Running, CancelReason.Timeout));

        Assert.Equal((true, CancelReason.Timeout), (token.IsCancellationRequested, _seat.Cancelled));
    }

    [Fact]
    public void One_that_is_over_is_not_cancelled_and_the_next_is_not_either()
    {
        _seat.Begin(7);
        var running = _seat.Running;
        _seat.End();
        var next = _seat.Begin(8);

        Assert.False(_seat.TryCancel(running, CancelReason.Timeout));

        Assert.Equal((false, CancelReason.None), (next.IsCancellationRequested, _seat.Cancelled));
    }

    [Fact]
    public void After_one_that_was_cancelled_the_next_has_a_token_of_its_own_and_can_be_cancelled_too()
    {
        _seat.Begin(7);
        _seat.TryCancel(_seat.Running, CancelReason.Timeout);
        _seat.End();

        var next = _seat.Begin(8);
        Assert.Equal((false, CancelReason.None), (next.IsCancellationRequested, _seat.Cancelled));

        Assert.True(_seat.TryCancel(_seat.Running, CancelReason.Stop));
        Assert.Equal((true, CancelReason.Stop), (next.IsCancellationRequested, _seat.Cancelled));
    }

    [Fact]
    public async Task One_that_ends_at_the_moment_at_which_it_is_cancelled_leaves_nothing_to_the_next()
    {
        long now = 0;
        var running = 0L;
        Begin();

        await Race.RunAsync(
            10_000,
            _seat.End,
            () => _seat.TryCancel(running, CancelReason.Timeout),
            round =>
            {
                Begin();
                Assert.True(_seat.Cancelled == CancelReason.None, $"The next attempt is told that it was cancelled, in round {round}.");
            });

        Assert.True(_seat.TryCancel(running, CancelReason.Stop));

        void Begin()
        {
            var token = _seat.Begin(++now);
            running = _seat.Running;
            Assert.False(token.IsCancellationRequested);
        }
    }
}
