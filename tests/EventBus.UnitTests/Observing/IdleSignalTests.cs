using EventBus.Observing;
using EventBus.UnitTests.Support;

namespace EventBus.UnitTests.Observing;

public sealed class IdleSignalTests
{
    private readonly List<Counted> _subscriptions = [new(), new()];
    private readonly IdleSignal _idle;
    private bool _anyInline;
    private bool _anyDue;

    public IdleSignalTests() => _idle = new IdleSignal(() => _subscriptions, () => _anyInline, () => _anyDue);

    [Fact]
    public void A_bus_that_got_nothing_is_idle() => Assert.Equal((true, true), (_idle.IsSettled, _idle.IsQuiet));

    [Fact]
    public void An_accepted_event_is_unsettled_until_it_is_settled()
    {
        _subscriptions[0].Accepted = 1;
        Assert.Equal((false, false), (_idle.IsSettled, _idle.IsQuiet));

        _subscriptions[0].Settled = 1;
        Assert.Equal((true, true), (_idle.IsSettled, _idle.IsQuiet));
    }

    [Fact]
    public void A_parked_delivery_is_quiet_and_not_settled()
    {
        _subscriptions[0].Accepted = 1;
        _subscriptions[0].ParkedIn = 1;

        Assert.Equal((false, true), (_idle.IsSettled, _idle.IsQuiet));
    }

    [Fact]
    public void A_delivery_that_came_back_from_waiting_is_not_quiet()
    {
        _subscriptions[0].Accepted = 1;
        _subscriptions[0].ParkedIn = 1;
        _subscriptions[0].ParkedOut = 1;

        Assert.Equal((false, false), (_idle.IsSettled, _idle.IsQuiet));
    }

    [Fact]
    public void What_one_subscription_has_left_is_not_hidden_by_another()
    {
        _subscriptions[0].Accepted = 5;
        _subscriptions[0].Settled = 5;
        _subscriptions[1].Accepted = 1;

        Assert.False(_idle.IsSettled);
    }

    [Fact]
    public void An_inline_publish_under_way_is_work()
    {
        _anyInline = true;

        Assert.Equal((false, false), (_idle.IsSettled, _idle.IsQuiet));
    }

    [Fact]
    public void An_inline_publish_under_way_is_no_work_of_the_queues()
    {
        _anyInline = true;

        Assert.True(_idle.IsDrained);
    }

    [Fact]
    public void What_is_due_is_work_while_its_timer_is_on_its_way()
    {
        _anyDue = true;
        Assert.Equal((false, false), (_idle.IsSettled, _idle.IsQuiet));

        // It passes to the thread pool: it is in hand before it is due no longer.
        _idle.Enter();
        _anyDue = false;
        Assert.Equal((false, false), (_idle.IsSettled, _idle.IsQuiet));

        _idle.Leave();
        Assert.Equal((true, true), (_idle.IsSettled, _idle.IsQuiet));
    }

    [Fact]
    public void A_look_at_what_may_be_overdue_is_not_quiet_and_leaves_nothing_unsettled()
    {
        _idle.BeginLook();
        Assert.Equal((true, false, false), (_idle.IsSettled, _idle.IsQuiet, _idle.IsStill(static () => true)));

        _idle.EndLook();
        Assert.True(_idle.IsQuiet);
    }

    [Fact]
    public void A_handler_that_waits_for_the_clock_is_still_and_not_quiet()
    {
        _subscriptions[0].Accepted = 1;
        Assert.False(_idle.IsStill(static () => false));

        _subscriptions[0].AwaitsTime = true;
        Assert.Equal((false, true), (_idle.IsQuiet, _idle.IsStill(static () => false)));
    }

    [Fact]
    public void An_inline_delivery_that_waits_for_the_clock_is_still_and_not_quiet()
    {
        _anyInline = true;

        Assert.Equal((false, false, true), (_idle.IsQuiet, _idle.IsStill(static () => false), _idle.IsStill(static () => true)));
    }

    [Fact]
    public void What_cannot_move_is_quiet_and_not_settled()
    {
        _subscriptions[0].Accepted = 3;
        _subscriptions[0].IsAtRest = true;

        Assert.Equal((false, true), (_idle.IsSettled, _idle.IsQuiet));
    }

    [Fact]
    public void An_event_published_between_the_two_readings_is_not_missed()
    {
        // While the counts are read, the first subscription's handler publishes to the second and returns.
        _subscriptions[0].Accepted = 1;
        _subscriptions[1].OnSettledRead = () =>
        {
            _subscriptions[1].Accepted = 1;
            _subscriptions[0].Settled = 1;
        };

        Assert.False(_idle.IsSettled);
    }

    [Fact]
    public void An_event_published_to_one_that_was_seen_to_wait_for_the_clock_is_not_missed()
    {
        // After the first subscription was seen to wait, the handler of the second has published to it and returned.
        (_subscriptions[0].Accepted, _subscriptions[0].AwaitsTime) = (1, true);
        (_subscriptions[1].Accepted, _subscriptions[1].Settled) = (1, 1);
        _subscriptions[1].OnSettledRead = () => _subscriptions[0].Accepted = 2;

        Assert.False(_idle.IsStill(static () => true));
    }

    [Fact]
    public async Task Who_waits_is_told_when_somebody_reports_that_it_is_so()
    {
        _subscriptions[0].Accepted = 1;
        var settled = _idle.WhenSettledAsync();

        _idle.Check();
        Assert.False(settled.IsCompleted);

        _subscriptions[0].Settled = 1;
        _idle.Check();
        await settled.WaitAsync(TimeSpan.FromSeconds(60));
    }

    [Fact]
    public async Task Each_waiter_waits_for_its_own_condition()
    {
        _subscriptions[0].Accepted = 1;
        var settled = _idle.WhenSettledAsync();
        var quiet = _idle.WhenQuietAsync();

        _subscriptions[0].ParkedIn = 1;
        _idle.Check();

        await quiet.WaitAsync(TimeSpan.FromSeconds(60));
        Assert.False(settled.IsCompleted);
    }

    [Fact]
    public async Task Who_begins_to_wait_at_the_moment_at_which_it_comes_to_be_so_is_not_forgotten()
    {
        var waiting = Task.CompletedTask;
        var isSo = false;
        // What a worker that goes to rest clears stands before its word in its processor's line of writes, and keeps it from others' sight for a while.
        var cleared = new long[8 * 16];

        await Race.RunAsync(
            20_000,
            () => waiting = _idle.WhenAsync(() => Volatile.Read(ref isSo)),
            () =>
            {
                Clear();
                Volatile.Write(ref isSo, true);
                _idle.Check();
            },
            round =>
            {
                Assert.True(waiting.Wait(TimeSpan.FromSeconds(60)), $"Nobody has told who waited, in round {round}.");
                isSo = false;
                Clear();
            });

        void Clear()
        {
            for (var i = 0; i < cleared.Length; i += 16)
                cleared[i]++;
        }
    }

    [Fact]
    public void Who_asks_when_it_is_so_already_waits_for_nothing() => Assert.True(_idle.WhenSettledAsync().IsCompleted);

    private sealed class Counted : ICounted
    {
        private long _settled;

        public bool AwaitsTime { get; set; }

        public Action? OnSettledRead { get; set; }

        public long Accepted { get; set; }

        public long Settled
        {
            get
            {
                var settled = _settled;
                OnSettledRead?.Invoke();
                return settled;
            }
            set => _settled = value;
        }

        public long ParkedIn { get; set; }

        public long ParkedOut { get; set; }

        public bool IsAtRest { get; set; }
    }
}
