using EventBus.DependencyInjection;
using Microsoft.Extensions.DependencyInjection;

namespace EventBus.Testing;

/// <summary>Has every bus of a container under test, whether or not a test says something about it.</summary>
internal sealed class TestedBuses : IBusHarnesses
{
    private readonly ChosenClock _clock = new();
    private readonly Dictionary<(bool HasKey, string Key), TestBusBuilder> _builders = [];

    /// <summary>The clock of all of them.</summary>
    public TestClock Clock => _clock.Clock;

    /// <summary>How the bus of a key differs from one in production.</summary>
    /// <param name="key">The key; none for the bus without.</param>
    public TestBusBuilder Of(string? key)
    {
        lock (_builders)
        {
            if (!_builders.TryGetValue((key is not null, key ?? ""), out var builder))
                _builders.Add((key is not null, key ?? ""), builder = new TestBusBuilder(_clock));
            return builder;
        }
    }

    public IBusHarness For(string? key, IServiceProvider services) => new Life(Of(key).Parts, services.GetRequiredService<LivesTogether>());
}
