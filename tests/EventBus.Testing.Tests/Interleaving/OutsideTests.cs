namespace EventBus.Testing.Tests.Interleaving;

/// <summary>What a run cannot decide it does not pretend to decide.</summary>
public sealed class OutsideTests
{
    private static readonly TimeSpan s_safetyNet = TimeSpan.FromMinutes(5);

    private sealed record Happened;

    [Fact]
    public async Task A_handler_that_works_on_another_thread_fails_the_run_and_is_named()
    {
        var held = new ManualResetEventSlim();

        var message = await FailAsync(async (_, _, _) => await Task.Run(() => held.Wait(s_safetyNet)));

        held.Set();
        Assert.Contains("Subscription 'reaches-out' has a handler that has not returned: EventBus.Testing.Tests.Interleaving.OutsideTests+Happened", message, StringComparison.Ordinal);
        Assert.Contains("Task.Run", message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_handler_that_waits_for_the_real_clock_fails_the_run()
    {
        var message = await FailAsync(static async (_, _, _) => await Task.Delay(TimeSpan.FromMinutes(10), TimeProvider.System, CancellationToken.None));

        Assert.Contains("'reaches-out'", message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_handler_that_waits_for_a_signal_that_nobody_gives_fails_the_run()
    {
        var never = new TaskCompletionSource();

        var message = await FailAsync(async (_, _, _) => await never.Task);

        Assert.Contains("The test has ended, and a handler has not returned", message, StringComparison.Ordinal);
        Assert.Contains("Subscription 'reaches-out' has a handler that has not returned", message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_test_that_waits_in_vain_is_told_what_is_left()
    {
        var never = new TaskCompletionSource();

        var error = await Assert.ThrowsAsync<InterleavingException>(() => Interleavings.RunAsync(1, async run =>
        {
            var bus = new EventBusBuilder().Handle<Happened>(static (_, _, _) => default, s => s.Named("works").StartPaused()).Build();
            await bus.PublishAsync(new Happened());
            await never.Task;
        }).WaitAsync(s_safetyNet));

        Assert.Contains("Nothing can go on, however much time passes, and the test has not ended", error.Message, StringComparison.Ordinal);
        Assert.Contains("Subscription 'works' has 1 not settled, and is paused.", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_inline_handler_that_does_not_return_is_named()
    {
        var never = new TaskCompletionSource();

        var error = await Assert.ThrowsAsync<InterleavingException>(() => Interleavings.RunAsync(1, async _ =>
        {
            var bus = new EventBusBuilder().Handle<Happened>(async (_, _, _) => await never.Task, s => s.Named("checks").Inline()).Build();
            await bus.PublishAsync(new Happened());
        }).WaitAsync(s_safetyNet));

        Assert.Contains("An inline handler has not returned, of 'checks'.", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_comes_back_from_another_thread_fails_the_run()
    {
        var error = await Assert.ThrowsAsync<InterleavingException>(() => Interleavings.RunAsync(1, async _ =>
        {
            var elsewhere = new TaskCompletionSource();
            var waiting = WaitElsewhereAsync();
            var other = new Thread(elsewhere.SetResult);
            other.Start();
            other.Join();
            await waiting;

            async Task WaitElsewhereAsync() => await elsewhere.Task;
        }).WaitAsync(s_safetyNet));

        Assert.Contains("Something ran outside the run, on another thread", error.Message, StringComparison.Ordinal);
        Assert.Contains("WaitElsewhereAsync goes on", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_bus_that_was_built_outside_fails_the_run()
    {
        await using var bus = new EventBusBuilder().Handle<Happened>(static async (_, _, _) => await Task.Yield(), s => s.Capacity(1)).Build();

        var error = await Assert.ThrowsAsync<InterleavingException>(() => Interleavings.RunAsync(1, async _ =>
        {
            for (var i = 0; i < 1000; i++)
                await bus.PublishAsync(new Happened());
        }).WaitAsync(s_safetyNet));

        Assert.Contains("a bus that was built outside the run", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_never_comes_to_an_end_fails_the_run_after_so_many_steps()
    {
        var error = await Assert.ThrowsAsync<InterleavingException>(() => Interleavings.RunAsync(1, async run =>
        {
            run.MaxSteps = 500;
            var bus = new EventBusBuilder().Handle<Happened>((e, context, token) => context.Publisher.PublishAsync(e, token), s => s.Named("echo")).Build();
            await bus.PublishAsync(new Happened());
            await run.WhenQuietAsync();
        }).WaitAsync(s_safetyNet));

        Assert.Contains("has not ended after 500 steps", error.Message, StringComparison.Ordinal);
        Assert.Contains("'echo'", error.Message, StringComparison.Ordinal);
    }

    private static async Task<string> FailAsync(Func<Happened, EventContext, CancellationToken, ValueTask> handler)
    {
        var error = await Assert.ThrowsAsync<InterleavingException>(() => Interleavings.RunAsync(1, async run =>
        {
            var bus = new EventBusBuilder().Handle(handler, s => s.Named("reaches-out").Timeout(Timeout.InfiniteTimeSpan)).Build();
            await bus.PublishAsync(new Happened());
            await bus.StopAsync();
        }).WaitAsync(s_safetyNet));
        return error.Message;
    }
}
