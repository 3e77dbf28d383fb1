using EventBus.Lifecycle;

namespace EventBus.BehaviourTests.Support;

/// <summary>The bus's own knowledge of what is left to do. The only internals that these tests may see.</summary>
internal static class BusSignals
{
    private static readonly TimeSpan s_safetyNet = TimeSpan.FromSeconds(60);

    /// <summary>Every accepted event is settled.</summary>
    public static Task WhenSettled(this IEventBus bus) => ((Bus)bus).Idle.WhenSettledAsync().WaitAsync(s_safetyNet);

    /// <summary>Whether every accepted event is settled.</summary>
    public static bool IsSettled(this IEventBus bus) => ((Bus)bus).Idle.IsSettled;

    /// <summary>Nothing can move until time passes or somebody does something: what is left is parked, or its subscription is paused.</summary>
    public static Task WhenQuiet(this IEventBus bus) => ((Bus)bus).Idle.WhenQuietAsync().WaitAsync(s_safetyNet);

    /// <summary>As <see cref="WhenQuiet"/>, but handlers that wait until a test, or its clock, lets them go on do not count.</summary>
    public static Task WhenStill(this IEventBus bus) => ((Bus)bus).Idle.WhenAsync(() => ((Bus)bus).Idle.IsStill(static () => true)).WaitAsync(s_safetyNet);

    /// <summary>Waits for a signal that a test gives; the limit is a safety net, not a measure.</summary>
    public static Task Soon(this Task signal) => signal.WaitAsync(s_safetyNet);

    /// <inheritdoc cref="Soon(Task)"/>
    public static Task<T> Soon<T>(this Task<T> signal) => signal.WaitAsync(s_safetyNet);
}
