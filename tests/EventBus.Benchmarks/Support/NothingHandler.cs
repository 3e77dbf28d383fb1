namespace EventBus.Benchmarks.Support;

/// <summary>A handler that does next to nothing, but cannot be left out.</summary>
internal sealed class NothingHandler : IEventHandler<Fact>
{
    public int Calls { get; private set; }

    public ValueTask HandleAsync(Fact @event, EventContext context, CancellationToken cancellationToken)
    {
        Calls++;
        return default;
    }
}
