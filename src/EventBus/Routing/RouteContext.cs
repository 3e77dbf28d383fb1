using EventBus.Events;
using EventBus.Observing;
using Microsoft.Extensions.Logging;

namespace EventBus.Routing;

/// <summary>What every route of a bus shares.</summary>
internal sealed record RouteContext(IDeliveryHost Host, IdleSignal Idle, ILogger Log);
