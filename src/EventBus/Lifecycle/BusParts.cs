using EventBus.DependencyInjection;
using EventBus.Events;
using EventBus.Observing;
using EventBus.Publishing;
using EventBus.Storage;
using EventBus.Timing;
using Microsoft.Extensions.Logging;

namespace EventBus.Lifecycle;

/// <summary>What a bus is made of besides its subscriptions.</summary>
/// <remarks>Fields, because a process that has just started would have to compile every property.</remarks>
internal sealed class BusParts
{
    public required IServiceProvider Services;

    /// <summary>The root's own scope, as factories of the container see it.</summary>
    public required IServiceProvider? RootScope;

    /// <summary>Whether the container gives the same object for a scope's services however they are asked for.</summary>
    public required bool ScopesAreOneObject;

    public required Clock Clock;

    public required Chance Chance;

    public required WorkStarter Starter;

    public required DueTimer Timer;

    public required ILogger Log;

    public required IDeadLetterStore DeadLetterStore;

    public required EventIdentity Identity;

    /// <summary>What a bus with an event log has; none where there is none.</summary>
    public required LogParts? EventLog;

    public required LogRetention? Retention;

    /// <summary>Gives published events further attributes; none where nobody asked for that.</summary>
    public required Enrichment? Enrichment;

    /// <summary>What a test puts around the bus; none in an application.</summary>
    public required IBusHarness? Harness;

    /// <summary>Keeps the last of what happened; none where nobody has switched it on.</summary>
    public required FlightRecorder? FlightRecorder;

    /// <summary>Looks on: the harness, the flight recorder, both, or none.</summary>
    public required IBusObserver? Observer;

    public required BusTelemetry Telemetry;

    /// <summary>Shared by all buses of a container, so that what a handler of one publishes on another knows its cause.</summary>
    public required RunningScopes Scopes;
}
