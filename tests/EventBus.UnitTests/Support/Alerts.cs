using EventBus.Settling;
using EventBus.Timing;
using Microsoft.Extensions.Logging;

namespace EventBus.UnitTests.Support;

/// <summary>Alerts that belong to no bus.</summary>
internal static class Alerts
{
    public static DeadLetterAlerts Of(IReadOnlyList<Func<DeadLetter, CancellationToken, ValueTask>> alerts, Clock clock, ILogger log) =>
        new(alerts, EventBusBuilder.DefaultDeadLetterAlertTimeout, new DueTimer(clock, WorkStarter.Here), WorkStarter.Here, log);
}
