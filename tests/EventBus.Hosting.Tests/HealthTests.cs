using EventBus.Hosting.Tests.Support;
using EventBus.Storage;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace EventBus.Hosting.Tests;

public sealed class HealthTests
{
    private readonly FakeTimeProvider _clock = new();
    private readonly Door _door = new();

    [Fact]
    public async Task A_bus_that_works_is_healthy_and_tells_its_numbers()
    {
        await using var host = await StartAsync(static bus => bus
            .UseEventLog(new InMemoryEventLog())
            .Handle<string>(static (_, _, _) => default, static s => s.Named("stock").Durable())
            .Handle<string>(static (_, _, _) => default, static s => s.Named("mail").StartPaused()));
        await host.Bus.PublishAsync("secret");

        var entry = await CheckAsync(host);

        Assert.Equal(HealthStatus.Healthy, entry.Status);
        Assert.Equal("All is well.", entry.Description);
        Assert.Equal(
            ["state", "stock.lag", "stock.stuck", "stock.paused", "mail.lag", "mail.stuck", "mail.paused", "deadLetters", "log.events", "log.bytes", "log.scheduled"],
            entry.Data.Keys);
        Assert.Equal("Started", entry.Data["state"]);
        Assert.Equal(1L, entry.Data["mail.lag"]);
        Assert.Equal(true, entry.Data["mail.paused"]);
        Assert.Equal(1L, entry.Data["log.events"]);
        Assert.DoesNotContain(entry.Data.Values, static value => value.ToString()!.Contains("secret", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(4, HealthStatus.Healthy, "All is well.")]
    [InlineData(5, HealthStatus.Degraded, "Subscription 'mail' has 5 events before it, and the limit is 5.")]
    [InlineData(1000, HealthStatus.Unhealthy, "Subscription 'mail' has 1,000 events before it, and the limit is 6.")]
    public async Task Lag_has_thresholds(int events, HealthStatus status, string description)
    {
        await using var host = await StartAsync(static bus => bus.Handle<int>(static (_, _, _) => default, static s => s.Named("mail").StartPaused()), static health =>
        {
            health.DegradedLag = 5;
            health.UnhealthyLag = 6;
        });
        for (var number = 0; number < events; number++)
            await host.Bus.PublishAsync(number);

        await AssertAsync(host, status, description);
    }

    [Fact]
    public async Task What_a_durable_subscription_has_not_read_counts_as_lag()
    {
        await using var host = await StartAsync(
            bus => bus.UseEventLog(new InMemoryEventLog()).Handle<int>((_, _, _) => _door.HoldAsync(), static s => s.Named("stock").Durable().Capacity(2)),
            static health => health.DegradedLag = 50);
        for (var number = 0; number < 50; number++)
            await host.Bus.PublishAsync(number);
        await _door.Entered;

        await AssertAsync(host, HealthStatus.Degraded, "Subscription 'stock' has 50 events before it, and the limit is 50.");
        _door.Open();
    }

    [Theory]
    [InlineData(0, HealthStatus.Healthy, "All is well.")]
    [InlineData(1, HealthStatus.Degraded, "There are dead letters: 1, and the limit is 1.")]
    [InlineData(3, HealthStatus.Unhealthy, "There are dead letters: 3, and the limit is 3.")]
    public async Task Dead_letters_have_thresholds(int letters, HealthStatus status, string description)
    {
        var dead = new CountdownEvent(letters + 1);
        await using var host = await StartAsync(
            bus => bus
                .OnDeadLetter((_, _) =>
                {
                    dead.Signal();
                    return default;
                })
                .Handle<int>(static (_, _, _) => throw new DoNotRetryException("no"), static s => s.Named("mail")),
            static health => health.UnhealthyDeadLetters = 3);
        for (var number = 0; number < letters; number++)
            await host.Bus.PublishAsync(number);
        dead.Signal();
        dead.Wait(TimeSpan.FromSeconds(60));

        await AssertAsync(host, status, description);
    }

    [Fact]
    public async Task A_handler_that_does_not_return_is_told_until_it_does()
    {
        var reported = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var handled = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var host = await StartAsync(bus => bus.Handle<int>(
            async (number, _, _) =>
            {
                await _door.HoldAsync();
                if (number == 2)
                    handled.SetResult();
            },
            static s => s.Named("mail").Timeout(TimeSpan.FromSeconds(5)).ReportStuckAfter(TimeSpan.FromSeconds(1))));
        host.Lines.OnLine = line =>
        {
            if (line.Id == 301)
                reported.TrySetResult();
        };
        await host.Bus.PublishAsync(1);
        await host.Bus.PublishAsync(2);
        await _door.Entered;
        await Signals.UntilAsync(() => reported.Task.IsCompleted, () => _clock.Advance(TimeSpan.FromSeconds(1)));

        await AssertAsync(host, HealthStatus.Degraded, "Subscription 'mail' has stuck handlers: 1, and the limit is 1.");
        _door.Open();
        await handled.Task.Soon();
        await AssertAsync(host, HealthStatus.Healthy, "All is well.");
    }

    [Fact]
    public async Task Stuck_handlers_can_be_called_unhealthy()
    {
        var reported = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var host = await StartAsync(
            bus => bus.Handle<int>((_, _, _) => _door.HoldAsync(), static s => s.Named("mail").Timeout(Timeout.InfiniteTimeSpan).ReportStuckAfter(TimeSpan.FromSeconds(1))),
            static health => health.UnhealthyStuck = 1);
        host.Lines.OnLine = line =>
        {
            if (line.Id == 301)
                reported.TrySetResult();
        };
        await host.Bus.PublishAsync(1);
        await _door.Entered;
        await Signals.UntilAsync(() => reported.Task.IsCompleted, () => _clock.Advance(TimeSpan.FromSeconds(1)));

        await AssertAsync(host, HealthStatus.Unhealthy, "Subscription 'mail' has stuck handlers: 1, and the limit is 1.");
        _door.Open();
    }

    [Fact]
    public async Task A_bus_that_is_not_started_or_is_stopped_is_unhealthy()
    {
        await using var host = Create(static bus => bus.UseEventLog(new InMemoryEventLog()));

        await AssertAsync(host, HealthStatus.Unhealthy, "The bus is not running: NotStarted.");
        await host.StartAsync();
        await AssertAsync(host, HealthStatus.Healthy, "All is well.");
        await host.StopAsync();
        await AssertAsync(host, HealthStatus.Unhealthy, "The bus is not running: Stopped.");
        await host.Bus.DisposeAsync();
        await AssertAsync(host, HealthStatus.Unhealthy, "The bus is not running: Disposed.");
    }

    [Fact]
    public async Task A_log_that_has_failed_is_unhealthy()
    {
        var isBroken = false;
        var log = WatchedLog.Create(call =>
        {
            if (isBroken && call == "Commit")
                throw new EventLogException("The disk reports an error.");
        });
        await using var host = await StartAsync(bus => bus.UseEventLog(log).Handle<int>(static (_, _, _) => default, static s => s.Named("stock").Durable()));
        isBroken = true;
        await Assert.ThrowsAsync<EventLogException>(async () => await host.Bus.PublishAsync(1));

        var entry = await AssertAsync(host, HealthStatus.Unhealthy, "The event log has failed and is not written to any more (EventLogException). The exception of this result and the log of the application tell why. Mend the cause, then start the process again.");

        Assert.IsType<EventLogException>(entry.Exception);
    }

    [Fact]
    public async Task Storage_that_throws_is_unhealthy()
    {
        var log = WatchedLog.Create(static call =>
        {
            if (call == "ReadDeadLetterCount")
                throw new EventLogException("The disk is away.");
        });
        await using var host = await StartAsync(bus => bus.UseEventLog(log));

        var entry = await AssertAsync(host, HealthStatus.Unhealthy, "The storage does not answer (EventLogException). The exception of this result tells why.");

        Assert.Equal("The disk is away.", entry.Exception?.Message);
    }

    [Fact]
    public async Task Storage_that_does_not_answer_in_time_is_degraded()
    {
        using var asked = new ManualResetEventSlim();
        using var answers = new ManualResetEventSlim();
        var log = WatchedLog.Create(call =>
        {
            if (call != "ReadDeadLetterCount")
                return;
            asked.Set();
            answers.Wait(TimeSpan.FromSeconds(60));
        });
        await using var host = await StartAsync(bus => bus.UseEventLog(log));

        var check = CheckAsync(host);
        asked.Wait(TimeSpan.FromSeconds(60));
        await Signals.UntilAsync(() => check.IsCompleted, () => _clock.Advance(TimeSpan.FromSeconds(5)));

        var entry = await check;
        answers.Set();
        Assert.Equal((HealthStatus.Degraded, "The storage has not answered for 00:00:05."), (entry.Status, entry.Description));
    }

    [Fact]
    public async Task What_is_unhealthy_can_be_called_otherwise_and_everything_that_is_wrong_is_told()
    {
        await using var host = Create(static bus => bus.Handle<int>(static (_, _, _) => default, static s => s.Named("mail").StartPaused()), static health => health.DegradedLag = 1, HealthStatus.Degraded);
        await host.StartAsync();
        await host.Bus.PublishAsync(1);
        await host.StopAsync();

        await AssertAsync(host, HealthStatus.Degraded, "The bus is not running: Stopped. Subscription 'mail' has 1 events before it, and the limit is 1.");
    }

    [Fact]
    public async Task Thresholds_may_come_from_elsewhere_by_the_name_of_the_check()
    {
        await using var host = await TestHost.StartAsync(static bus => bus.Handle<int>(static (_, _, _) => default, static s => s.Named("mail").StartPaused()), static services =>
        {
            services.AddHealthChecks().AddEventBus(name: "orders", tags: ["ready"]);
            services.Configure<EventBusHealthOptions>("orders", static health => health.DegradedLag = 1);
        });
        await host.Bus.PublishAsync(1);

        var report = await host.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync(static check => check.Tags.Contains("ready"));

        Assert.Equal(HealthStatus.Degraded, Assert.Single(report.Entries, static entry => entry.Key == "orders").Value.Status);
    }

    [Fact]
    public async Task A_time_limit_of_the_storage_that_is_not_positive_fails_the_start()
    {
        await using var host = Create(static _ => { }, static health => health.StorageTimeout = TimeSpan.Zero);

        var error = await Assert.ThrowsAsync<OptionsValidationException>(host.StartAsync);

        Assert.Equal("EventBusHealthOptions.StorageTimeout must be positive: it is how long the storage may take to answer.", error.Message);
    }

    [Fact]
    public void Defaults_are_as_documented()
    {
        var options = new EventBusHealthOptions();

        Assert.Equal((10_000L, 100_000L, 1L, 1L), (options.DegradedLag, options.UnhealthyLag, options.DegradedDeadLetters, options.DegradedStuck));
        Assert.Null(options.UnhealthyDeadLetters);
        Assert.Null(options.UnhealthyStuck);
        Assert.Equal(TimeSpan.FromSeconds(5), options.StorageTimeout);
    }

    private static async Task<HealthReportEntry> AssertAsync(TestHost host, HealthStatus status, string description)
    {
        var entry = await CheckAsync(host);
        Assert.Equal((status, description), (entry.Status, entry.Description));
        return entry;
    }

    private static async Task<HealthReportEntry> CheckAsync(TestHost host) =>
        (await host.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync()).Entries["event-bus"];

    private async Task<TestHost> StartAsync(Action<EventBusBuilder> bus, Action<EventBusHealthOptions>? health = null)
    {
        var host = Create(bus, health);
        await host.StartAsync();
        return host;
    }

    private TestHost Create(Action<EventBusBuilder> bus, Action<EventBusHealthOptions>? health = null, HealthStatus? failureStatus = null) =>
        TestHost.Create(bus, services =>
        {
            services.AddSingleton<TimeProvider>(_clock);
            services.AddHealthChecks().AddEventBus(health, failureStatus: failureStatus);
        });
}
