using EventBus.Benchmarks.Harness;
using EventBus.Benchmarks.Support;

namespace EventBus.Benchmarks.Inline;

/// <summary>Inline publishing through the publisher that is bound to the event type.</summary>
internal sealed class InlineBus(int handlers) : Contender
{
    private readonly IEventBus _bus = Create(handlers);

    public static IEventBus Create(int handlers)
    {
        var builder = new EventBusBuilder();
        for (var i = 0; i < handlers; i++)
            builder.AddHandler(new NothingHandler(), s => s.Inline().Named($"handler-{i}"));
        return builder.Build();
    }

    public override async Task RunAsync(int events)
    {
        var publisher = _bus.For<Fact>();
        for (var i = 0; i < events; i++)
            await publisher.PublishAsync(Fact.Instance);
    }

    public override ValueTask DisposeAsync() => _bus.DisposeAsync();
}

/// <summary>Inline publishing through the publisher of all types.</summary>
internal sealed class InlineBusOfAllTypes(int handlers) : Contender
{
    private readonly IEventBus _bus = InlineBus.Create(handlers);

    public override async Task RunAsync(int events)
    {
        IEventPublisher publisher = _bus;
        for (var i = 0; i < events; i++)
            await publisher.PublishAsync(Fact.Instance);
    }

    public override ValueTask DisposeAsync() => _bus.DisposeAsync();
}
