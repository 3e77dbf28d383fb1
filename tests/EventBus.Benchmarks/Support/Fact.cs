namespace EventBus.Benchmarks.Support;

/// <summary>The event. One instance is published again and again: what it costs to make it is nobody's question here.</summary>
internal sealed class Fact
{
    public static readonly Fact Instance = new();
}
