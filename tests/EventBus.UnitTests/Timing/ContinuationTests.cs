using EventBus.Timing;

namespace EventBus.UnitTests.Timing;

public sealed class ContinuationTests
{
    private static readonly TimeSpan s_safetyNet = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task The_bus_does_not_go_on_on_its_callers_context()
    {
        var context = new CallersContext();
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

        var awaiting = On(context, () => AwaitEachAsync(done.Task));
        done.SetResult();
        await awaiting.WaitAsync(s_safetyNet);

        Assert.Equal(0, context.Posted);
    }

    [Fact]
    public async Task Where_one_thread_does_everything_it_goes_on_there()
    {
        var thread = new Steps();
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

        var awaiting = On(thread, () => AwaitEachAsync(done.Task));
        done.SetResult();

        Assert.False(awaiting.IsCompleted);
        Assert.Equal(1, On(thread, thread.RunAll));
        await awaiting.WaitAsync(s_safetyNet);
    }

    // Each is complete after the first.
    private static async Task AwaitEachAsync(Task task)
    {
        await task.AnyContext();
        await new ValueTask(task).AnyContext();
        Assert.Equal(1, await Task.FromResult(1).AnyContext());
        Assert.Equal(1, await new ValueTask<int>(1).AnyContext());
    }

    private static T On<T>(SynchronizationContext context, Func<T> call)
    {
        var before = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(context);
        try
        {
            return call();
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(before);
        }
    }

    private sealed class CallersContext : SynchronizationContext
    {
        public int Posted { get; private set; }

        public override void Post(SendOrPostCallback d, object? state)
        {
            Posted++;
            base.Post(d, state);
        }
    }

    private sealed class Steps : OneThread
    {
        private readonly Queue<Action> _steps = new();

        public override WorkStarter Starter => ThreadStarter.Instance;

        public override TimeProvider Time => TimeProvider.System;

        public override void Advance(TimeSpan time)
        {
        }

        public override long NextSeed() => 1;

        public override void Add(IWorkInHand bus)
        {
        }

        public override void Post(SendOrPostCallback d, object? state) => _steps.Enqueue(() => d(state));

        public int RunAll()
        {
            var count = 0;
            for (; _steps.TryDequeue(out var step); count++)
                step();
            return count;
        }
    }
}
