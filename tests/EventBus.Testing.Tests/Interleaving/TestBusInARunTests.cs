namespace EventBus.Testing.Tests.Interleaving;

/// <summary>A bus under test is one of the run like any other, with its clock, its history and its crashes.</summary>
public sealed class TestBusInARunTests
{
    private static readonly TimeSpan s_safetyNet = TimeSpan.FromMinutes(5);

    private sealed record Placed(int Number);

    private sealed record Confirmed(int Number);

    [Fact]
    public Task Its_idleness_its_time_and_its_history_are_those_of_the_run() => RunAsync(async run =>
    {
        await using var bus = TestBus.Create(static bus => bus
            .Handle<Placed>(
                static async (placed, context, token) =>
                {
                    await Task.Yield();
                    if (context.Attempt == 1)
                        throw new InvalidOperationException("not yet");
                    await context.Publisher.PublishAsync(new Confirmed(placed.Number), token);
                },
                static s => s.Named("confirm").Concurrency(2).Retry(RetryPolicy.Fixed(2, TimeSpan.FromSeconds(10))))
            .Handle<Confirmed>(static (_, _, _) => default, static s => s.Named("thank")));

        await bus.PublishAsync(new Placed(1));
        await bus.PublishAsync(new Placed(2));
        await bus.WhenIdleAsync();
        Assert.Empty(bus.History.Published<Confirmed>());
        await bus.AdvanceAsync(TimeSpan.FromSeconds(10));

        Assert.Equal([1, 2], bus.History.HandledBy<Confirmed>("thank").Select(static confirmed => confirmed.Number).Order());
        Assert.Equal(bus.Clock.GetUtcNow(), run.Time.GetUtcNow());
    });

    [Fact]
    public Task What_was_published_before_a_crash_is_handled_after_the_restart() => RunAsync(async run =>
    {
        var handled = new HashSet<int>();
        await using var bus = TestBus.Create(bus => bus.Handle<Placed>(
            async (placed, _, _) =>
            {
                await Task.Yield();
                handled.Add(placed.Number);
            },
            static s => s.Named("book").Durable().Concurrency(2)));
        await bus.StartAsync();
        bus.Faults.CrashAt(CrashPoint.AfterHandler, passing: 2);

        var accepted = new List<int>();
        for (var number = 0; number < 5; number++)
        {
            try
            {
                await bus.PublishAsync(new Placed(number));
                accepted.Add(number);
            }
            catch (PublishException)
            {
                break;
            }
        }

        await bus.WhenCrashedAsync();
        await bus.RestartAsync();
        await bus.AdvanceAsync(TimeSpan.FromMinutes(1));

        Assert.Empty(accepted.Except(handled));
    });

    [Fact]
    public Task A_clock_of_the_tests_own_calls_back_on_the_thread_of_the_run() => RunAsync(async run =>
    {
        var clock = new TestClock();
        var threads = new List<int>();
        using var atOnce = clock.CreateTimer(_ => threads.Add(Environment.CurrentManagedThreadId), null, TimeSpan.Zero, Timeout.InfiniteTimeSpan);
        using var later = clock.CreateTimer(_ => threads.Add(Environment.CurrentManagedThreadId), null, TimeSpan.FromSeconds(1), Timeout.InfiniteTimeSpan);
        Assert.Empty(threads);

        await run.WhenQuietAsync();
        clock.Advance(TimeSpan.FromSeconds(1));

        Assert.Equal([Environment.CurrentManagedThreadId, Environment.CurrentManagedThreadId], threads);
    });

    private static async Task RunAsync(Func<SeededRun, Task> test)
    {
        for (var seed = 1; seed <= 50; seed++)
        {
            var first = await Interleavings.ReplayAsync(seed, test).WaitAsync(s_safetyNet);
            var again = await Interleavings.ReplayAsync(seed, test).WaitAsync(s_safetyNet);

            Assert.Equal(first.Steps, again.Steps);
        }
    }
}
