using EventBus.AllocationTests.Support;
using Microsoft.Extensions.DependencyInjection;

namespace EventBus.AllocationTests;

public sealed class InlineAllocationTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    [InlineData(16)]
    public async Task Inline_publish_through_a_bound_publisher_allocates_nothing(int handlers)
    {
        await using var bus = Bus(handlers);
        var publisher = bus.For<Fact>();

        var bytes = Allocations.OfCalls(() => publisher.PublishAsync(Fact.All[0]));

        Assert.Equal(0, bytes);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    [InlineData(16)]
    public async Task Inline_publish_through_the_publisher_of_all_types_allocates_nothing(int handlers)
    {
        await using var bus = Bus(handlers);
        IEventPublisher publisher = bus;

        var bytes = Allocations.OfCalls(() => publisher.PublishAsync(Fact.All[0]));

        Assert.Equal(0, bytes);
    }

    [Fact]
    public async Task Inline_predicate_allocates_nothing()
    {
        await using var bus = new EventBusBuilder()
            .AddHandler(new NothingHandler(), s => s.Inline().Where(fact => fact.Number >= 0))
            .Build();
        var publisher = bus.For<Fact>();

        var bytes = Allocations.OfCalls(() => publisher.PublishAsync(Fact.All[0]));

        Assert.Equal(0, bytes);
    }

    [Fact]
    public async Task Inline_scoped_handler_allocates_no_byte_more_than_the_container()
    {
        await using var alone = new ServiceCollection().AddScoped<NothingHandler>().BuildServiceProvider();
        await using var withBus = new ServiceCollection()
            .AddEventBus(bus => bus.AddHandler<Fact, NothingHandler>(s => s.Inline()))
            .BuildServiceProvider();
        var publisher = withBus.GetRequiredService<IEventBus>().For<Fact>();
        var context = EventContext.Create();

        var limit = Allocations.OfCalls(() =>
        {
            var scope = alone.CreateAsyncScope();
            var pending = scope.ServiceProvider.GetRequiredService<NothingHandler>().HandleAsync(Fact.All[0], context, default);
            Assert.True(pending.IsCompletedSuccessfully);
            return scope.DisposeAsync();
        });
        var bytes = Allocations.OfCalls(() => publisher.PublishAsync(Fact.All[0]));

        Assert.InRange(bytes, 0, limit);
    }

    private static IEventBus Bus(int handlers)
    {
        var builder = new EventBusBuilder();
        for (var i = 0; i < handlers; i++)
            builder.AddHandler(new NothingHandler(), s => s.Inline().Named($"handler-{i}"));
        return builder.Build();
    }
}
