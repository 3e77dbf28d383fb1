namespace EventBus.AllocationTests.Support;

internal sealed record Fact(int Number, string Key)
{
    /// <summary>Made before anything is counted, and published again and again.</summary>
    public static readonly Fact[] All = [.. Enumerable.Range(0, 10_000).Select(static number => new Fact(number, $"key-{number}"))];
}

internal sealed class NothingHandler : IEventHandler<Fact>
{
    public ValueTask HandleAsync(Fact @event, EventContext context, CancellationToken cancellationToken) => default;
}
