using EventBus.Storage;
using EventBus.Timing;
using Microsoft.Extensions.Logging;

namespace EventBus.Lifecycle;

/// <summary>What a bus is made of besides its subscriptions.</summary>
internal sealed class BusParts
{
    public required IServiceProvider Services { get; init; }

    /// <summary>The root's own scope, as factories of the container see it.</summary>
    public required IServiceProvider? RootScope { get; init; }

    public required Clock Clock { get; init; }

    public required Chance Chance { get; init; }

    public required WorkStarter Starter { get; init; }

    public required DueTimer Timer { get; init; }

    public required ILogger Log { get; init; }

    public required IDeadLetterStore DeadLetterStore { get; init; }

    public RunningScopes Scopes { get; } = new();
}
