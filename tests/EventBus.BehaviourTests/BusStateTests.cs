using EventBus.BehaviourTests.Support;
using EventBus.Storage;

namespace EventBus.BehaviourTests;

public sealed class BusStateTests : IDisposable
{
    private readonly SignallingLog _lines = new(static _ => false, new());

    public void Dispose() => _lines.Dispose();

    [Fact]
    public async Task A_bus_tells_where_it_stands_from_its_start_to_its_end()
    {
        var held = new HeldHandler();
        var bus = new EventBusBuilder().Handle<int>((_, _, _) => held.HoldAsync()).Build();
        List<EventBusState> states = [bus.State];

        await bus.StartAsync();
        states.Add(bus.State);
        await bus.PublishAsync(1);
        await held.Entered;
        var stopping = bus.StopAsync().AsTask();
        states.Add(bus.State);
        held.Open();
        await stopping.Soon();
        states.Add(bus.State);
        await bus.StartAsync();
        states.Add(bus.State);
        await bus.DisposeAsync();
        states.Add(bus.State);

        Assert.Equal([EventBusState.NotStarted, EventBusState.Started, EventBusState.Stopping, EventBusState.Stopped, EventBusState.Started, EventBusState.Disposed], states);
    }

    [Fact]
    public async Task A_bus_with_a_log_that_its_first_publish_starts_says_what_stood_still_until_then()
    {
        await using var provider = new ServiceCollectionWithLog(_lines).Build(static bus => bus
            .UseEventLog(new InMemoryEventLog())
            .Handle<int>(static (_, _, _) => default, static s => s.Named("stock").Durable()));

        await provider.Bus.PublishAsync(1);
        await provider.Bus.PublishAsync(2);

        Assert.Single(_lines.Lines, static line => line == "The bus was started by its first publish. What the event log in memory had for durable subscriptions, and what is scheduled there, has stood still until now."
            + " Start the bus with the application: services.AddEventBusHosting() of the package EmbeddedEventBus.Hosting, or await IEventBus.StartAsync().");
    }

    [Fact]
    public async Task A_bus_that_was_started_before_its_first_publish_has_nothing_to_say_about_that()
    {
        await using var provider = new ServiceCollectionWithLog(_lines).Build(static bus => bus
            .UseEventLog(new InMemoryEventLog())
            .Handle<int>(static (_, _, _) => default, static s => s.Named("stock").Durable()));

        await provider.Bus.StartAsync();
        await provider.Bus.PublishAsync(1);

        Assert.DoesNotContain(_lines.Lines, static line => line.Contains("first publish", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_bus_without_a_log_may_be_started_by_its_first_publish()
    {
        await using var provider = new ServiceCollectionWithLog(_lines).Build(static bus => bus.Handle<int>(static (_, _, _) => default));

        await provider.Bus.PublishAsync(1);

        Assert.DoesNotContain(_lines.Lines, static line => line.Contains("first publish", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_bus_tells_whether_it_has_a_log()
    {
        await using var without = new EventBusBuilder().Build();
        await using var with = new EventBusBuilder().UseEventLog(new InMemoryEventLog()).Build();

        Assert.False(without.EventLog.Exists);
        Assert.True(with.EventLog.Exists);
        Assert.Null(without.EventLog.Failure);
        Assert.Null(with.EventLog.Failure);
    }
}
