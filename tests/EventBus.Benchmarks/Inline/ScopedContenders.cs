using EventBus.Benchmarks.Harness;
using EventBus.Benchmarks.Support;
using Microsoft.Extensions.DependencyInjection;

namespace EventBus.Benchmarks.Inline;

/// <summary>The limit of a scoped handler: the container alone.</summary>
internal sealed class PlainScope : Contender
{
    private readonly ServiceProvider _provider = new ServiceCollection().AddScoped<NothingHandler>().BuildServiceProvider();
    private readonly EventContext _context = EventContext.Create();

    public override async Task RunAsync(int events)
    {
        for (var i = 0; i < events; i++)
        {
            await using var scope = _provider.CreateAsyncScope();
            var handler = scope.ServiceProvider.GetRequiredService<NothingHandler>();
            await handler.HandleAsync(Fact.Instance, _context, default);
        }
    }

    public override ValueTask DisposeAsync() => _provider.DisposeAsync();
}

/// <summary>An inline handler in a scope of its own.</summary>
internal sealed class ScopedBus : Contender
{
    private readonly ServiceProvider _provider = new ServiceCollection()
        .AddEventBus(bus => bus.AddHandler<Fact, NothingHandler>(s => s.Inline()))
        .BuildServiceProvider();

    public override async Task RunAsync(int events)
    {
        var publisher = _provider.GetRequiredService<IEventBus>().For<Fact>();
        for (var i = 0; i < events; i++)
            await publisher.PublishAsync(Fact.Instance);
    }

    public override ValueTask DisposeAsync() => _provider.DisposeAsync();
}
