using EventBus.Timing;

namespace EventBus.Testing.Interleaving;

/// <summary>Runs everything on the thread that made it: a list of what can run, from which a seed picks the next step, until the test has ended.</summary>
internal sealed class StepScheduler : OneThread
{
    // So much time passes by itself at a time. Whoever waits longer waits for something else.
    private static readonly TimeSpan s_longestWait = TimeSpan.FromDays(1);

    private readonly List<Step> _runnable = [];
    private readonly Queue<TaskCompletionSource> _untilQuiet = new();
    private readonly List<IWorkInHand> _buses = [];
    private readonly int _thread = Environment.CurrentManagedThreadId;
    private readonly ExecutionContext _home = ExecutionContext.Capture()!; // The thread flows its context.
    private readonly Choice _choice;
    private readonly Chance _seeds;
    private readonly VirtualTime _time;
    private readonly CancellationToken _cancellation;
    private string? _outside;
    private long _waitsSince;
    private volatile bool _ended;

    public StepScheduler(long seed, CancellationToken cancellationToken)
    {
        _choice = new Choice(seed);
        _seeds = new Chance(~seed);
        _cancellation = cancellationToken;
        Starter = new StepStarter(this);
        _time = new VirtualTime(Starter);
        Trace = new InterleavingTrace(seed);
    }

    public override WorkStarter Starter { get; }

    public override TimeProvider Time => _time;

    public VirtualTime VirtualTime => _time;

    public override void Advance(TimeSpan time)
    {
        var end = _time.After(time);
        while (_time.MoveToNext(end))
            _waitsSince = _time.Now;
    }

    public InterleavingTrace Trace { get; }

    public int MaxSteps { get; set; } = SeededRun.DefaultMaxSteps;

    private bool IsHere => Environment.CurrentManagedThreadId == _thread;

    public override long NextSeed() => (long)_seeds.NextBits();

    public override void Add(IWorkInHand bus) => _buses.Add(bus);

    public override void Post(SendOrPostCallback d, object? state) => Add(new Step(d, state));

    public override void Send(SendOrPostCallback d, object? state)
    {
        if (!IsHere)
            throw new NotSupportedException("A seeded run takes no work from another thread that waits for it. Post it, or do it in the run.");
        d(state);
    }

    public override SynchronizationContext CreateCopy() => this;

    /// <summary>Something can run. From another thread it is not taken: when it comes is nothing that a seed decides.</summary>
    public void Add(Step step)
    {
        if (IsHere && !_ended)
            _runnable.Add(step);
        else if (!_ended)
            Interlocked.CompareExchange(ref _outside, step.Name, null);
    }

    /// <summary>Completes when nothing can run any more.</summary>
    public async Task WhenQuietAsync()
    {
        if (!IsHere)
            throw new InvalidOperationException("A seeded run is only asked from its own body, and from what runs in it.");
        var quiet = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _untilQuiet.Enqueue(quiet);
        _waitsSince = _time.Now;
        await quiet.Task.AnyContext();
    }

    /// <summary>Runs a test, and what it leaves.</summary>
    /// <param name="test">The test.</param>
    /// <param name="ambient">The context that the test begins in.</param>
    public void Run(Func<Task> test, ExecutionContext? ambient)
    {
        var before = SynchronizationContext.Current;
        SetSynchronizationContext(this);
        try
        {
            var running = Begin(test, ambient);
            RunUntil(running);
            running.GetAwaiter().GetResult();
            RunRest();
        }
        finally
        {
            _ended = true;
            SetSynchronizationContext(before);
        }
    }

    /// <summary>Runs steps until a task is done.</summary>
    public void RunUntil(Task task)
    {
        if (!IsHere)
            throw new InvalidOperationException("A bus of a seeded run was disposed on another thread. Dispose it in the run.");
        while (!task.IsCompleted)
        {
            ThrowIfOutside();
            if (_runnable.Count > 0)
                RunStep();
            else if (_untilQuiet.TryDequeue(out var quiet))
                quiet.SetResult();
            else if (!_time.MoveToNext(_waitsSince + s_longestWait.Ticks))
                throw new InvalidOperationException(Explanation("Nothing can go on, however much time passes, and the test has not ended: it waits for what does not happen in its run."));
        }
    }

    private static Task Begin(Func<Task> test, ExecutionContext? ambient)
    {
        if (ambient is null)
            return test();
        Task? running = null;
        ExecutionContext.Run(ambient, _ => running = test(), null);
        return running!; // It has run.
    }

    // A handler that has not returned when nothing can run any more may be outside the run, and come back sooner next time.
    private void RunRest()
    {
        while (_runnable.Count > 0)
            RunStep();
        ThrowIfOutside();
        if (_buses.Exists(static bus => bus.AnyRunning()))
            throw new InvalidOperationException(Explanation("The test has ended, and a handler has not returned. Give it what it waits for before the test ends."));
    }

    private void RunStep()
    {
        _cancellation.ThrowIfCancellationRequested();
        if (Trace.Count == MaxSteps)
            throw new InvalidOperationException(Explanation($"The test has not ended after {MaxSteps:N0} steps. If it needs more, set MaxSteps of its run; if not, something goes round in circles."));
        var chosen = _choice.Next(_runnable.Count);
        var step = _runnable[chosen];
        Trace.Add(step.Name, chosen, _runnable.Count);
        _runnable.RemoveAt(chosen);
        step.Run();
        // What a step left in the thread is not the next one's.
        if (!ReferenceEquals(Current, this))
            SetSynchronizationContext(this);
        if (!ReferenceEquals(ExecutionContext.Capture(), _home))
            ExecutionContext.Restore(_home);
    }

    private void ThrowIfOutside()
    {
        if (Volatile.Read(ref _outside) is { } outside)
            throw new InvalidOperationException(Explanation($"Something ran outside the run, on another thread ('{outside}'), and no seed decides when."));
    }

    private string Explanation(string what) => string.Join(Environment.NewLine,
    [
        what,
        .. _buses.SelectMany(static bus => bus.Describe()),
        "A run only knows what is awaited on its own thread. Task.Run, real I/O, the real clock, ConfigureAwait(false) in a handler, and a bus that was built outside the run are none of its own: replace them in the test.",
    ]);
}
