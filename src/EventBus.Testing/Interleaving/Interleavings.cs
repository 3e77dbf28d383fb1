using EventBus.Testing.Interleaving;
using EventBus.Timing;

namespace EventBus.Testing;

/// <summary>Runs a test again and again, each time with everything in another order, to find what only breaks in some.</summary>
/// <remarks>
/// A run has one thread. Every delivery, retry, timer, commit of the event log, and every part of a handler or of the test between two awaits is a step; where several steps can run,
/// the run's seed decides which is next. So a run with the same seed takes the same steps again, and a failure that was found once is found every time.
/// What does not run in steps cannot be decided: work on other threads, real I/O and the real clock fail the run.
/// </remarks>
public static class Interleavings
{
    /// <summary>Runs a test in so many interleavings, with the seeds from <paramref name="firstSeed"/> on, until one fails.</summary>
    /// <param name="times">How many. At least 1.</param>
    /// <param name="test">The test. It builds its bus, so that every run begins anew; called once for each seed, on a thread of its own.</param>
    /// <param name="firstSeed">The first seed. The same seeds by default each time, so that a test that passes goes on to pass.</param>
    /// <param name="cancellationToken">Ends the running between two steps.</param>
    /// <exception cref="InterleavingException">The test failed with one of the seeds; the message says which, and how to run it again.</exception>
    public static async Task RunAsync(int times, Func<SeededRun, Task> test, long firstSeed = 1, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(times, 1);
        ArgumentNullException.ThrowIfNull(test);
        await OnThreadAsync(ambient =>
        {
            for (var tried = 1; tried <= times; tried++)
                Run(unchecked(firstSeed + tried - 1), tried, test, ambient, cancellationToken);
            return times;
        }).AnyContext();
    }

    /// <summary>Runs a test in the one interleaving that a seed decides.</summary>
    /// <param name="seed">The seed, for example one that failed.</param>
    /// <param name="test">The test.</param>
    /// <param name="cancellationToken">Ends the running between two steps.</param>
    /// <returns>The steps that it took.</returns>
    /// <exception cref="InterleavingException">The test failed.</exception>
    public static async Task<InterleavingTrace> ReplayAsync(long seed, Func<SeededRun, Task> test, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(test);
        return await OnThreadAsync(ambient => Run(seed, 1, test, ambient, cancellationToken)).AnyContext();
    }

    private static InterleavingTrace Run(long seed, int tried, Func<SeededRun, Task> test, ExecutionContext? ambient, CancellationToken cancellationToken)
    {
        var scheduler = new StepScheduler(seed, cancellationToken);
        var run = new SeededRun(scheduler);
        try
        {
            scheduler.Run(() => test(run), ambient);
        }
        catch (Exception failure) when (failure is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            throw new InterleavingException(scheduler.Trace, tried, failure);
        }

        return scheduler.Trace;
    }

    // A thread of its own, so that the caller can go on waiting, with a limit of its own, for a test that does not come to an end.
    private static Task<T> OnThreadAsync<T>(Func<ExecutionContext?, T> run)
    {
        var ambient = ExecutionContext.Capture();
        var done = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
#pragma warning disable RS0030 // Here the one thread begins.
        var thread = new Thread(() =>
        {
            try
            {
                done.SetResult(run(ambient));
            }
            catch (Exception failure)
            {
                done.SetException(failure);
            }
        })
        { IsBackground = true, Name = "EventBus seeded run" };
        thread.UnsafeStart();
#pragma warning restore RS0030
        return done.Task;
    }
}
