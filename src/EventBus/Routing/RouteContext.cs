using EventBus.Events;
using EventBus.Observing;
using EventBus.Recording;
using Microsoft.Extensions.Logging;

namespace EventBus.Routing;

/// <summary>What every route of a bus shares.</summary>
/// <param name="Host">The bus.</param>
/// <param name="Idle">Is told when something came to rest.</param>
/// <param name="Log">The log messages go here.</param>
/// <param name="Recorder">Writes to the event log; none where the bus has none.</param>
/// <param name="PublishersPause">Whether others may go on after each publish, before its publisher does.</param>
/// <param name="Observer">Looks on; none where nobody does.</param>
/// <param name="IsEnriched">Whether events get further attributes before they are delivered.</param>
/// <param name="Telemetry">Tells of handling, while somebody listens.</param>
internal sealed record RouteContext(IDeliveryHost Host, IdleSignal Idle, ILogger Log, Recorder? Recorder, bool PublishersPause, IBusObserver? Observer, bool IsEnriched, BusTelemetry Telemetry);
