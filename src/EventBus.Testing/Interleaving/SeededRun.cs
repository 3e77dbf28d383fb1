using EventBus.Testing.Interleaving;
using EventBus.Timing;

namespace EventBus.Testing;

/// <summary>One run of a test on one thread, in the order that its seed decides. Every bus that is built in it runs in it.</summary>
/// <remarks>To be used in the body of the run, and in what runs in it.</remarks>
public sealed class SeededRun
{
    /// <summary>The default of <see cref="MaxSteps"/>: 1,000,000.</summary>
    public const int DefaultMaxSteps = 1_000_000;

    private readonly StepScheduler _scheduler;
    private readonly Chance _chance;

    internal SeededRun(StepScheduler scheduler)
    {
        _scheduler = scheduler;
        _chance = new Chance(scheduler.NextSeed());
    }

    /// <summary>What decides everything in this run that is left to chance.</summary>
    public long Seed => Trace.Seed;

    /// <summary>The steps so far.</summary>
    public InterleavingTrace Trace => _scheduler.Trace;

    /// <summary>The run's time, of every bus that was given no other. It begins on 1 January 2020 and passes with <see cref="AdvanceAsync"/>; by itself only where
    /// the test waits for something, and nothing else can go on any more.</summary>
    public TimeProvider Time => _scheduler.Time;

    /// <summary>After how many steps a test that has not ended fails. At least 1; default <see cref="DefaultMaxSteps"/>.</summary>
    public int MaxSteps
    {
        get => _scheduler.MaxSteps;
        set
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(value, 1);
            _scheduler.MaxSteps = value;
        }
    }

    /// <summary>A number that the seed decides, from 0 up to, but not including, a bound.</summary>
    /// <param name="bound">The bound. At least 1.</param>
    public int Next(int bound)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(bound, 1);
        return (int)(_chance.NextDouble() * bound);
    }

    /// <summary>Completes when nothing can go on until time passes or the test does something: everything is handled, waits for its time, or is held up by a handler that
    /// waits for the test.</summary>
    public Task WhenQuietAsync() => _scheduler.WhenQuietAsync();

    /// <summary>Lets time pass. Completes when nothing can go on any more at the new time.</summary>
    /// <param name="by">How much. Not negative.</param>
    /// <remarks>First everything runs that can run now. Then time moves on from one timer to the next, and everything that this leads to runs before it moves further. Timers that are due at one moment are
    /// steps like any other, in the order that the seed decides.</remarks>
    public async Task AdvanceAsync(TimeSpan by)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(by, TimeSpan.Zero);
        var time = _scheduler.VirtualTime;
        var end = time.After(by);
        do
            await WhenQuietAsync().AnyContext();
        while (time.MoveToNext(end));
    }
}
