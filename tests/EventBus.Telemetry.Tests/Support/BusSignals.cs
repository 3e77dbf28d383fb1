using System.Diagnostics;
using EventBus.Lifecycle;

namespace EventBus.Telemetry.Tests.Support;

/// <summary>The bus's own knowledge of what is left to do. The only internals that these tests may see.</summary>
internal static class BusSignals
{
    private static readonly TimeSpan s_safetyNet = TimeSpan.FromSeconds(60);

    /// <summary>Every accepted event is settled.</summary>
    public static Task WhenSettled(this IEventBus bus) => ((Bus)bus).Idle.WhenSettledAsync().WaitAsync(s_safetyNet);

    /// <summary>What is left waits for its time.</summary>
    public static Task WhenQuiet(this IEventBus bus) => ((Bus)bus).Idle.WhenQuietAsync().WaitAsync(s_safetyNet);

    public static string? Tag(this Activity span, string name) => span.GetTagItem(name)?.ToString();
}
