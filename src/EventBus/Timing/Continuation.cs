using System.Runtime.CompilerServices;

namespace EventBus.Timing;

/// <summary>How the bus's own code goes on after it has waited: on any thread, never on its caller's context; or, where <see cref="OneThread"/> does everything, there.</summary>
/// <remarks>The task must not be made of one that completes on the thread pool (a <see cref="TaskCompletionSource"/>'s, with <see cref="Task.WhenAny(Task[])"/> or
/// <see cref="Task.WaitAsync(CancellationToken)"/> around it): the one around it would complete there.</remarks>
#pragma warning disable RS0030 // This is the door.
internal static class Continuation
{
    private static bool StaysHere => SynchronizationContext.Current is OneThread;

    public static ConfiguredTaskAwaitable AnyContext(this Task task) => task.ConfigureAwait(StaysHere);

    public static ConfiguredTaskAwaitable<T> AnyContext<T>(this Task<T> task) => task.ConfigureAwait(StaysHere);

    public static ConfiguredValueTaskAwaitable AnyContext(this ValueTask task) => task.ConfigureAwait(StaysHere);

    public static ConfiguredValueTaskAwaitable<T> AnyContext<T>(this ValueTask<T> task) => task.ConfigureAwait(StaysHere);

    public static ConfiguredCancelableAsyncEnumerable<T> AnyContext<T>(this IAsyncEnumerable<T> items) => items.ConfigureAwait(StaysHere);
}
#pragma warning restore RS0030
