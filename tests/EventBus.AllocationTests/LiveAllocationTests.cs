using EventBus.AllocationTests.Support;

namespace EventBus.AllocationTests;

/// <summary>What looking on costs: a publisher pays nothing for a stream, and a documented amount for the flight recorder.</summary>
public sealed class LiveAllocationTests
{
    [Theory]
    [InlineData(QueueFullMode.DropOldest)]
    [InlineData(QueueFullMode.DropNewest)]
    public async Task A_stream_costs_its_publishers_no_memory_even_when_it_is_full(QueueFullMode whenFull)
    {
        await using var bus = new EventBusBuilder().Build();
        await using var reader = bus.StreamAsync<Fact>(new StreamOptions { Capacity = 64, WhenFull = whenFull }).GetAsyncEnumerator();

        // Some lines are logged for what is dropped, ever fewer.
        var bytes = Allocations.OfCalls(() => bus.PublishAsync(Fact.All[0]));

        Assert.InRange(bytes, 0, 1_000);
    }

    [Fact]
    public async Task An_event_read_from_a_stream_costs_its_attributes()
    {
        await using var bus = new EventBusBuilder().Build();
        await using var reader = bus.StreamAsync<Fact>().GetAsyncEnumerator();

        var bytes = Allocations.OfCalls(async () =>
        {
            await bus.PublishAsync(Fact.All[0]);
            await reader.MoveNextAsync();
        }) / 10_000.0;

        Assert.InRange(bytes, 0, 300);
    }

    [Fact]
    public async Task The_flight_recorder_costs_what_its_page_says()
    {
        await using var bus = new EventBusBuilder().UseFlightRecorder(1_000).Handle<Fact>(static (_, _, _) => default, static s => s.Capacity(200_000)).Build();
        var idle = ((Lifecycle.Bus)bus).Idle;

        var bytes = await Allocations.PerEventAsync(async events =>
        {
            for (var i = 0; i < events; i++)
                await bus.PublishAsync(Fact.All[0]);
            await idle.WhenSettledAsync();
        });

        // Some 1.5 KB.
        Assert.InRange(bytes, 500, 1_700);
    }
}
