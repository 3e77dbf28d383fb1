using EventBus.Storage;
using EventBus.Testing.Tests.Support;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace EventBus.Testing.Tests;

public sealed class ContainerTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_applications_registration_is_tested_whatever_the_order(bool testingFirst)
    {
        var services = new ServiceCollection();
        if (testingFirst)
            services.AddEventBusTesting();
        Application(services);
        if (!testingFirst)
            services.AddEventBusTesting();
        await using var provider = services.BuildServiceProvider(validateScopes: true);
        var bus = provider.GetRequiredService<TestBus>();

        await using (var scope = provider.CreateAsyncScope())
            await scope.ServiceProvider.GetRequiredService<IEventPublisher>().PublishAsync(new OrderPlaced("1"));
        var receipt = await bus.ExpectAsync<ReceiptSent>();

        Assert.Equal(new ReceiptSent("1"), receipt);
        Assert.Equal("in memory", await NameOfLogAsync(bus));
    }

    [Fact]
    public async Task The_file_that_the_application_chose_is_neither_made_nor_asked_for()
    {
        var made = false;
        var services = new ServiceCollection();
        services.AddEventBus(bus => bus.UseEventLog(_ =>
        {
            made = true;
            return new InMemoryEventLog();
        }));
        services.AddEventBusTesting();
        await using var provider = services.BuildServiceProvider();

        await provider.GetRequiredService<IEventBus>().StartAsync();

        Assert.False(made);
    }

    [Fact]
    public async Task The_containers_clock_is_the_test_clock()
    {
        var services = new ServiceCollection();
        services.AddSingleton(TimeProvider.System);
        services.AddEventBus(static bus => bus.UseTimeProvider(new FakeTimeProvider()).Handle<OrderPlaced, TimeProvider>(
            static (_, time, context, _) => context.Time == time.GetUtcNow() ? default : throw new InvalidOperationException("two clocks"), static s => s.Named("clock")));
        services.AddEventBusTesting();
        await using var provider = services.BuildServiceProvider();
        var bus = provider.GetRequiredService<TestBus>();

        await bus.AdvanceAsync(TimeSpan.FromHours(1));
        await bus.PublishAsync(new OrderPlaced("1"));
        await bus.WhenIdleAsync();

        Assert.Single(bus.History.HandledBy<OrderPlaced>("clock"));
        Assert.Same(bus.Clock, provider.GetRequiredService<TestClock>());
    }

    [Fact]
    public async Task A_clock_that_is_registered_afterwards_is_a_configuration_error()
    {
        var services = new ServiceCollection();
        services.AddEventBusTesting();
        services.AddSingleton<TimeProvider>(new FakeTimeProvider());
        await using var provider = services.BuildServiceProvider();

        var error = Assert.Throws<EventBusConfigurationException>(provider.GetRequiredService<IEventBus>);

        Assert.Contains("The container's TimeProvider is a FakeTimeProvider that was registered after AddEventBusTesting", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_fake_time_provider_of_the_tests_own_is_the_clock()
    {
        var time = new FakeTimeProvider();
        var services = new ServiceCollection();
        services.AddEventBus(static bus => bus.Hears("failing", static (_, _) => throw new InvalidOperationException("no"), static s => s.Retry(Shop.EverySecond())));
        services.AddEventBusTesting(test => test.UseClock(new TestClock(time, time.Advance)));
        await using var provider = services.BuildServiceProvider();
        var bus = provider.GetRequiredService<TestBus>();
        var start = time.GetUtcNow();
        await bus.PublishAsync(new OrderPlaced("1"));

        await bus.AdvanceAsync(TimeSpan.FromSeconds(10));

        Assert.Equal(start.AddSeconds(10), time.GetUtcNow());
        Assert.Equal([0, 1, 2], bus.History.DeadLettered()[0].Attempts.Select(attempt => (attempt.Time - start).TotalSeconds));
    }

    [Fact]
    public async Task Several_calls_add_to_each_other()
    {
        var calls = 0;
        var services = new ServiceCollection();
        services.AddEventBusTesting(static test => test.DeliverTwice());
        services.AddEventBus(bus => bus.Hears("stock", (_, _) => Count(ref calls)));
        services.AddEventBusTesting(static test => test.UseClock(new TestClock(new DateTimeOffset(2011, 12, 1, 8, 0, 0, TimeSpan.Zero))));
        await using var provider = services.BuildServiceProvider();
        var bus = provider.GetRequiredService<TestBus>();

        var order = await bus.StimulateAsync(new OrderPlaced("1"));
        await bus.WhenIdleAsync();

        Assert.Equal((2, 2011), (calls, order.Metadata.Time.Year));
    }

    [Fact]
    public async Task A_container_that_is_built_again_goes_on_with_the_same_log()
    {
        var log = new InMemoryEventLog();
        await using (var first = Build(log))
        {
            var bus = first.GetRequiredService<TestBus>();
            bus.Faults.CrashAt(CrashPoint.BeforeHandler);
            await bus.PublishAsync(new OrderPlaced("1"));
            await bus.WhenCrashedAsync();
            await Assert.ThrowsAsync<InvalidOperationException>(bus.RestartAsync);
        }

        await using var second = Build(log);
        var restarted = second.GetRequiredService<TestBus>();
        await restarted.StartAsync();

        Assert.Equal(new ReceiptSent("1"), await restarted.ExpectAsync<ReceiptSent>());
    }

    [Fact]
    public async Task A_container_is_disposed_although_a_handler_hangs()
    {
        var services = new ServiceCollection();
        services.AddEventBus(static bus => bus.Hears("hanging", static (_, _) => new(new TaskCompletionSource().Task)));
        services.AddEventBusTesting();
        var provider = services.BuildServiceProvider();
        await provider.GetRequiredService<IEventBus>().PublishAsync(new OrderPlaced("1"));
        await provider.GetRequiredService<TestBus>().WhenRunning("hanging");

        await provider.DisposeAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(60));
    }

    [Fact]
    public void What_a_test_says_too_late_is_refused()
    {
        TestBusBuilder? late = null;
        using var bus = TestBus.Create(static _ => { }, test => late = test);

        var error = Assert.Throws<InvalidOperationException>(() => late!.DeliverTwice());

        Assert.Equal("The bus under test is built. Say how it differs before that.", error.Message);
    }

    private static ServiceProvider Build(InMemoryEventLog log)
    {
        var services = new ServiceCollection();
        Application(services);
        services.AddEventBusTesting(test => test.UseLog(log));
        return services.BuildServiceProvider(validateScopes: true);
    }

    private static void Application(IServiceCollection services) =>
        services.AddEventBus(static bus => bus
            .UseEventLog(static _ => throw new InvalidOperationException("the file of production"))
            .AddHandler<OrderPlaced, SendReceipt>(static s => s.Named("receipts").Durable()));

    private static async Task<string> NameOfLogAsync(TestBus bus) => (await bus.EventLog.GetStatisticsAsync()).Head == 1 ? "in memory" : "elsewhere";

    private static ValueTask Count(ref int calls)
    {
        Interlocked.Increment(ref calls);
        return default;
    }

    private sealed class SendReceipt(IEventPublisher publisher) : IEventHandler<OrderPlaced>
    {
        public ValueTask HandleAsync(OrderPlaced order, EventContext context, CancellationToken cancellationToken) =>
            publisher.PublishAsync(new ReceiptSent(order.Number), cancellationToken);
    }
}
