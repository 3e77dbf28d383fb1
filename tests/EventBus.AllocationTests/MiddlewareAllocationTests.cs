using EventBus.AllocationTests.Support;
using Microsoft.Extensions.DependencyInjection;

namespace EventBus.AllocationTests;

public sealed class MiddlewareAllocationTests
{
    [Fact]
    public async Task Middleware_around_inline_handlers_allocates_nothing()
    {
        await using var bus = new EventBusBuilder()
            .AddMiddleware(new Through())
            .MapException<InvalidOperationException>(static error => new DoNotRetryException("never", error))
            .AddEvent<Fact>(static e => e
                .AddMiddleware(new Through())
                .AddMiddleware(static (fact, context, next, token) => next.HandleAsync(fact, context, token))
                .Validate(static fact => fact.Number >= 0 ? null : "negative"))
            .AddHandler(new NothingHandler(), static s => s.Inline().AddMiddleware(new Through()))
            .Build();
        var publisher = bus.For<Fact>();

        var bytes = Allocations.OfCalls(() => publisher.PublishAsync(Fact.All[0]));

        Assert.Equal(0, bytes);
    }

    [Fact]
    public async Task Middleware_around_queued_handlers_allocates_nothing()
    {
        await using var run = new QueuedRun(
            static s => s.AddMiddleware(new Through()).AddMiddleware(static (fact, context, next, token) => next.HandleAsync(fact, context, token)),
            configureBus: static bus => bus.AddMiddleware(new Through()));

        var bytes = await run.BytesPerEventAsync();

        Assert.InRange(bytes, 0, Allocations.Tolerance);
    }

    [Fact]
    public async Task Scoped_middleware_and_handler_allocate_no_byte_more_than_the_container()
    {
        await using var alone = new ServiceCollection().AddScoped<Through>().AddScoped<NothingHandler>().BuildServiceProvider();
        await using var withBus = new ServiceCollection()
            .AddEventBus(static bus => bus.AddMiddleware<Through>().AddHandler<Fact, NothingHandler>(static s => s.Inline()))
            .BuildServiceProvider();
        var publisher = withBus.GetRequiredService<IEventBus>().For<Fact>();
        var context = EventContext.Create();

        var limit = Allocations.OfCalls(() =>
        {
            var scope = alone.CreateAsyncScope();
            IEventMiddleware middleware = scope.ServiceProvider.GetRequiredService<Through>();
            var pending = middleware.HandleAsync(Fact.All[0], context, scope.ServiceProvider.GetRequiredService<NothingHandler>(), default);
            Assert.True(pending.IsCompletedSuccessfully);
            return scope.DisposeAsync();
        });
        var bytes = Allocations.OfCalls(() => publisher.PublishAsync(Fact.All[0]));

        Assert.InRange(bytes, 0, limit);
    }

    [Fact]
    public async Task Enrichers_of_other_event_types_allocate_nothing()
    {
        await using var bus = new EventBusBuilder()
            .AddEvent<string>(static e => e.Enrich(static (_, _, _) => throw new InvalidOperationException()))
            .AddHandler(new NothingHandler(), static s => s.Inline())
            .Build();
        var publisher = bus.For<Fact>();

        var bytes = Allocations.OfCalls(() => publisher.PublishAsync(Fact.All[0]));

        Assert.Equal(0, bytes);
    }

    private sealed class Through : IEventMiddleware
    {
        public ValueTask HandleAsync<TEvent>(TEvent @event, EventContext context, IEventHandler<TEvent> next, CancellationToken cancellationToken)
            where TEvent : notnull => next.HandleAsync(@event, context, cancellationToken);
    }
}
