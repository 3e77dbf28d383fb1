using EventBus.Observing;

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
