using EventBus.Hosting.Tests.Support;
using EventBus.Storage;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace EventBus.Hosting.Tests;

public sealed class StopTests
{
    private readonly FakeTimeProvider _clock = new();
    private readonly Door _door = new();

    [Fact]
    public async Task What_a_service_publishes_when_it_is_stopped_is_accepted_and_settled()
    {
        var handled = new List<int>();
        await using var host = await TestHost.StartAsync(
            bus => bus.Handle<int>(async (number, _, _) =>
            {
                await Task.Yield();
                handled.Add(number);
            }),
            static services => services.AddHostedService<Farewell>());

        await host.StopAsync().Soon();

        Assert.Equal([1, 2, 3], handled);
        Assert.Equal(EventBusState.Stopped, host.Bus.State);
    }

    [Fact]
    public async Task The_stop_logs_what_each_subscription_did()
    {
        await using var host = await TestHost.StartAsync(static bus => bus
            .UseEventLog(new InMemoryEventLog())
            .Handle<int>(static (_, _, _) => default, static s => s.Named("all"))
            .Handle<int>(static (number, _, _) => number == 3 ? throw new DoNotRetryException("no") : default, static s => s.Named("some").Durable().Where(static number => number > 1)));
        for (var number = 1; number <= 3; number++)
            await host.Bus.PublishAsync(number);

        await host.StopAsync().Soon();

        Assert.Equal(
            [
                new("EventBus.Hosting", LogLevel.Information, 1000, "Subscription all at the stop: 3 accepted, 3 handled, 0 retried, 0 duplicates, 0 filtered, 0 expired, 0 failed, 0 dead letters, 0 dropped, 0 abandoned; in the event log 0 kept and 0 unread."),
                new("EventBus.Hosting", LogLevel.Information, 1000, "Subscription some at the stop: 3 accepted, 1 handled, 0 retried, 0 duplicates, 1 filtered, 0 expired, 0 failed, 1 dead letters, 0 dropped, 0 abandoned; in the event log 0 kept and 0 unread."),
            ],
            host.Lines.Hosting);
    }

    [Fact]
    public async Task A_handler_that_ignores_its_token_does_not_hold_up_the_stop_and_its_delivery_is_named()
    {
        var durable = new Door();
        await using var host = await StartAsync(bus => bus
            .UseEventLog(new InMemoryEventLog())
            .Handle<int>((_, _, _) => _door.HoldAsync(), static s => s.Named("queued"))
            .Handle<string>((_, _, _) => durable.HoldAsync(), static s => s.Named("durable").Durable()));
        await host.Bus.PublishAsync(1, new PublishOptions { Id = "first\nid" });
        await _door.Entered;
        await host.Bus.PublishAsync(2, new PublishOptions { Id = "second" });
        await host.Bus.PublishAsync("one", new PublishOptions { Id = "third" });
        await durable.Entered;

        await AdvanceToTheEndAsync(host, TimeSpan.FromSeconds(10));

        Assert.Equal(
            [
                (1000, "Subscription queued at the stop: 2 accepted, 0 handled, 0 retried, 0 duplicates, 0 filtered, 0 expired, 0 failed, 0 dead letters, 0 dropped, 2 abandoned; in the event log 0 kept and 0 unread."),
                (1001, @"Subscription queued had accepted System.Int32 first\u000Aid and did not settle it before the stop. It is lost with the process."),
                (1001, "Subscription queued had accepted System.Int32 second and did not settle it before the stop. It is lost with the process."),
                (1000, "Subscription durable at the stop: 1 accepted, 0 handled, 0 retried, 0 duplicates, 0 filtered, 0 expired, 0 failed, 0 dead letters, 0 dropped, 1 abandoned; in the event log 1 kept and 0 unread."),
                (1002, "The handler of subscription durable did not return from System.String third, event 1 of the log, before the stop. It is delivered again after the next start."),
            ],
            host.Lines.Hosting.Select(static line => (line.Id, line.Text)));
        _door.Open();
        durable.Open();
    }

    [Fact]
    public async Task Handlers_are_told_to_end_when_nine_tenths_of_what_is_left_have_passed()
    {
        var told = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var tookLong = new SlowService(_clock, TimeSpan.FromSeconds(4));
        await using var host = await StartAsync(
            bus => bus.Handle<int>((_, _, token) =>
            {
                token.Register(told.SetResult);
                return _door.PassAsync(token);
            }),
            services => services.AddSingleton<IHostedService>(tookLong));
        await host.Bus.PublishAsync(1);
        await _door.Entered;

        // Four of the ten seconds are gone when the bus's turn comes: 5.4 of the other six, and the handler is told.
        var stopping = host.StopAsync();
        await tookLong.Stopped;
        await StoppingAsync(host);
        _clock.Advance(TimeSpan.FromSeconds(5.3));
        var early = told.Task.IsCompleted;
        _clock.Advance(TimeSpan.FromSeconds(0.1));
        await told.Task.Soon();
        await stopping.Soon();

        Assert.False(early);
    }

    [Fact]
    public async Task When_nothing_is_left_of_the_limit_the_stop_ends_at_once()
    {
        var tookLong = new SlowService(_clock, TimeSpan.FromSeconds(11));
        await using var host = await StartAsync(bus => bus.Handle<int>((_, _, _) => _door.HoldAsync()), services => services.AddSingleton<IHostedService>(tookLong));
        await host.Bus.PublishAsync(1);
        await _door.Entered;

        var stopping = host.StopAsync();
        await tookLong.Stopped;
        // A clock that stands still rings nothing, not even for a wait of no length.
        await Signals.UntilAsync(() => stopping.IsCompleted, () => _clock.Advance(TimeSpan.FromTicks(1)));

        Assert.Contains(host.Lines.Hosting, static line => line.Id == 1001);
        _door.Open();
    }

    [Fact]
    public async Task A_host_whose_limit_is_shorter_than_the_bus_was_told_ends_the_stop_and_the_log_says_what_to_set()
    {
        await using var host = await StartAsync(bus => bus.Handle<int>((_, _, _) => _door.HoldAsync()));
        await host.Bus.PublishAsync(1);
        await _door.Entered;

        await host.StopAsync(new CancellationToken(canceled: true)).Soon();

        Assert.Equal(
            "The host's own limit ended the stop of the bus after 00:00:00, before handlers were told to end: the bus had reckoned with 00:00:10. EventBusHostingOptions.StopLimit is 00:00:10: set it to the host's ShutdownTimeout.",
            Assert.Single(host.Lines.Hosting, static line => line.Id == 1006).Text);
        _door.Open();
    }

    [Fact]
    public async Task Of_many_deliveries_that_are_left_twenty_are_named_and_the_rest_is_counted()
    {
        await using var host = await StartAsync(static bus => bus.Handle<int>(static (_, _, _) => default, static s => s.Named("paused").StartPaused()));
        for (var number = 1; number <= 23; number++)
        {
            await host.Bus.PublishAsync(number);
            await host.Bus.ScheduleAsync(number, TimeSpan.FromDays(1), new PublishOptions { Id = $"later-{number}" });
        }

        await host.StopAsync().Soon();

        var lines = host.Lines.Hosting;
        Assert.Equal(20, lines.Count(static line => line.Id == 1001));
        Assert.Equal("Subscription paused left 3 more deliveries like these.", Assert.Single(lines, static line => line.Id == 1003).Text);
        Assert.Equal(20, lines.Count(static line => line.Id == 1004));
        Assert.Equal("Event later-1 is scheduled in memory for 01/02/2000 00:00:00 +00:00. It is lost with the process.", lines.First(static line => line.Id == 1004).Text);
        Assert.Equal("3 more events are scheduled in memory, and lost with the process.", Assert.Single(lines, static line => line.Id == 1005).Text);
    }

    [Fact]
    public async Task A_bus_that_the_application_has_stopped_itself_is_told_of_all_the_same()
    {
        await using var host = await StartAsync(static bus => bus.Handle<int>(static (_, _, _) => default, static s => s.Named("stock")));
        await host.Bus.PublishAsync(1);
        await host.Bus.StopAsync();

        await host.StopAsync().Soon();

        Assert.StartsWith("Subscription stock at the stop: 1 accepted, 1 handled,", Assert.Single(host.Lines.Hosting).Text);
    }

    [Fact]
    public async Task A_host_that_is_stopped_twice_logs_one_receipt()
    {
        await using var host = await StartAsync(static bus => bus.Handle<int>(static (_, _, _) => default, static s => s.Named("stock")));

        await host.StopAsync().Soon();
        await host.StopAsync().Soon();

        Assert.Single(host.Lines.Hosting);
    }

    [Fact]
    public async Task A_bus_that_the_application_has_disposed_itself_does_not_spoil_the_stop()
    {
        await using var host = await StartAsync(static bus => bus.Handle<int>(static (_, _, _) => default));
        await host.Bus.DisposeAsync();

        await host.StopAsync().Soon();

        Assert.Empty(host.Lines.Hosting);
    }

    private Task<TestHost> StartAsync(Action<EventBusBuilder> bus, Action<IServiceCollection>? more = null) =>
        TestHost.StartAsync(
            bus,
            services =>
            {
                services.AddSingleton<TimeProvider>(_clock);
                more?.Invoke(services);
            },
            static hosting => hosting.StopLimit = TimeSpan.FromSeconds(10));

    private async Task AdvanceToTheEndAsync(TestHost host, TimeSpan limit)
    {
        var stopping = host.StopAsync();
        await StoppingAsync(host);
        _clock.Advance(limit * 0.9);
        await Signals.UntilAsync(() => stopping.IsCompleted, () => _clock.Advance(limit * 0.1));
        await stopping;
    }

    private static Task StoppingAsync(TestHost host) => Signals.UntilAsync(() => host.Bus.State == EventBusState.Stopping);

    /// <summary>Publishes when it is stopped.</summary>
    private sealed class Farewell(IEventPublisher publisher) : IHostedService
    {
        public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public async Task StopAsync(CancellationToken cancellationToken)
        {
            for (var number = 1; number <= 3; number++)
                await publisher.PublishAsync(number, cancellationToken);
        }
    }

    /// <summary>Lets time pass while it stops.</summary>
    private sealed class SlowService(FakeTimeProvider clock, TimeSpan takes) : IHostedService
    {
        private readonly TaskCompletionSource _stopped = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Stopped => _stopped.Task.Soon();

        public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken)
        {
            clock.Advance(takes);
            _stopped.SetResult();
            return Task.CompletedTask;
        }
    }
}
