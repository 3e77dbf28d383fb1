using EventBus.Benchmarks.Harness;
using EventBus.Benchmarks.Support;

namespace EventBus.Benchmarks.Inline;

/// <summary>The limit of inline publishing: a loop over the handlers, with a context that is ready.</summary>
internal sealed class PlainLoop : Contender
{
    private readonly IEventHandler<Fact>[] _handlers;
    private readonly EventContext _context = EventContext.Create();

    public PlainLoop(int handlers)
    {
        _handlers = new IEventHandler<Fact>[handlers];
        for (var i = 0; i < handlers; i++)
            _handlers[i] = new NothingHandler();
    }

    public override async Task RunAsync(int events)
    {
        for (var i = 0; i < events; i++)
            await CallAll(Fact.Instance, default);
    }

    public override ValueTask DisposeAsync() => default;

    private ValueTask CallAll(Fact @event, CancellationToken cancellationToken)
    {
        var handlers = _handlers;
        for (var i = 0; i < handlers.Length; i++)
        {
            var pending = handlers[i].HandleAsync(@event, _context, cancellationToken);
            if (!pending.IsCompletedSuccessfully)
                throw new InvalidOperationException("The benchmark's handlers complete at once.");
        }

        return default;
    }
}
