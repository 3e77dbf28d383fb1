namespace EventBus.Testing.Tests.Interleaving;

/// <summary>What the running of interleavings itself promises.</summary>
public sealed class InterleavingsTests
{
    private static readonly TimeSpan s_safetyNet = TimeSpan.FromMinutes(5);
    private static readonly AsyncLocal<string?> s_ambient = new();

    private sealed record Happened(int Number);

    [Fact]
    public async Task A_failure_names_its_seed_how_to_run_it_again_and_its_last_steps()
    {
        var error = await Assert.ThrowsAsync<InterleavingException>(() => Interleavings.RunAsync(10, async run =>
        {
            await using var bus = new EventBusBuilder().Handle<Happened>(static (_, _, _) => default, static s => s.Named("looks-on")).Build();
            await bus.PublishAsync(new Happened(1));
            await run.WhenQuietAsync();
            if (run.Seed == 7)
                throw new InvalidOperationException("seven does not work");
        }).WaitAsync(s_safetyNet));

        Assert.Equal(7, error.Seed);
        Assert.Equal("seven does not work", error.InnerException!.Message);
        Assert.StartsWith("The interleaving of seed 7 failed, number 7 that was tried: seven does not work", error.Message, StringComparison.Ordinal);
        Assert.Contains("await Interleavings.ReplayAsync(7, ...)", error.Message, StringComparison.Ordinal);
        Assert.Contains("worker 0 of 'looks-on'", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Each_seed_is_tried_once_from_the_first_on()
    {
        var seeds = new List<long>();

        await Interleavings.RunAsync(
            3,
            run =>
            {
                seeds.Add(run.Seed);
                return Task.CompletedTask;
            },
            firstSeed: long.MaxValue);

        Assert.Equal([long.MaxValue, long.MinValue, long.MinValue + 1], seeds);
    }

    [Fact]
    public async Task Everything_runs_on_one_thread()
    {
        var threads = new HashSet<int>();

        await Interleavings.ReplayAsync(1, async run =>
        {
            threads.Add(Environment.CurrentManagedThreadId);
            await using var bus = new EventBusBuilder().Handle<Happened>(
                async (_, _, _) =>
                {
                    threads.Add(Environment.CurrentManagedThreadId);
                    await Task.Yield();
                    threads.Add(Environment.CurrentManagedThreadId);
                },
                static s => s.Concurrency(4)).Build();
            for (var number = 0; number < 10; number++)
                await bus.PublishAsync(new Happened(number));
            await run.WhenQuietAsync();
            threads.Add(Environment.CurrentManagedThreadId);
        }).WaitAsync(s_safetyNet);

        Assert.Single(threads);
        Assert.DoesNotContain(Environment.CurrentManagedThreadId, threads);
    }

    [Fact]
    public async Task The_test_has_its_callers_ambient_context_and_handlers_have_not()
    {
        s_ambient.Value = "the caller's";
        var inTest = "";
        var inHandler = "";

        await Interleavings.ReplayAsync(1, async run =>
        {
            await using var bus = new EventBusBuilder().Handle<Happened>((_, _, _) =>
            {
                inHandler = s_ambient.Value;
                return default;
            }).Build();
            await bus.PublishAsync(new Happened(1));
            await run.WhenQuietAsync();
            inTest = s_ambient.Value;
        }).WaitAsync(s_safetyNet);

        Assert.Equal("the caller's", inTest);
        Assert.Null(inHandler);
    }

    [Fact]
    public async Task Cancelling_ends_a_run_between_two_steps()
    {
        using var cancellation = new CancellationTokenSource();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Interleavings.RunAsync(
            1,
            async _ =>
            {
                for (var step = 0; ; step++)
                {
                    if (step == 100)
                        await cancellation.CancelAsync().ConfigureAwait(true);
                    await Task.Yield();
                }
            },
            cancellationToken: cancellation.Token).WaitAsync(s_safetyNet));
    }

    [Fact]
    public async Task Numbers_ids_and_times_of_a_run_are_its_seeds()
    {
        var first = await FactsAsync(5);
        var again = await FactsAsync(5);
        var other = await FactsAsync(6);

        Assert.Equal(first, again);
        Assert.NotEqual(first, other);
    }

    [Fact]
    public async Task Time_moves_from_timer_to_timer_and_what_is_due_at_once_races()
    {
        var orders = new HashSet<string>();
        for (var seed = 1; seed <= 50; seed++)
        {
            var fired = new List<string>();
            await Interleavings.ReplayAsync(seed, async run =>
            {
                var waiting = Task.WhenAll(WaitAsync("b", 2), WaitAsync("a", 1), WaitAsync("c", 2), WaitAsync("never", 4));
                await run.AdvanceAsync(TimeSpan.FromSeconds(3));
                Assert.Equal(TimeSpan.FromSeconds(3), run.Time.GetElapsedTime(0));
                Assert.False(waiting.IsCompleted);
                await waiting;

                async Task WaitAsync(string name, int seconds)
                {
                    await Task.Delay(TimeSpan.FromSeconds(seconds), run.Time);
                    fired.Add($"{name}@{run.Time.GetElapsedTime(0).TotalSeconds}");
                }
            }).WaitAsync(s_safetyNet);
            orders.Add(string.Join(" ", fired));
        }

        Assert.Equal(["a@1 b@2 c@2 never@4", "a@1 c@2 b@2 never@4"], orders.Order());
    }

    [Fact]
    public async Task Wrong_arguments_are_refused()
    {
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => Interleavings.RunAsync(0, static _ => Task.CompletedTask));
        await Assert.ThrowsAsync<ArgumentNullException>(() => Interleavings.RunAsync(1, null!));
        await Assert.ThrowsAsync<ArgumentNullException>(() => Interleavings.ReplayAsync(1, null!));
        await Interleavings.ReplayAsync(1, static async run =>
        {
            Assert.Throws<ArgumentOutOfRangeException>(() => run.MaxSteps = 0);
            Assert.Throws<ArgumentOutOfRangeException>(() => run.Next(0));
            await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => run.AdvanceAsync(TimeSpan.FromTicks(-1)));
        });
    }

    private static async Task<List<string>> FactsAsync(long seed)
    {
        var facts = new List<string>();
        await Interleavings.ReplayAsync(seed, async run =>
        {
            await using var bus = new EventBusBuilder().Handle<Happened>((_, context, _) =>
            {
                facts.Add($"{context.Id} {context.Time:O} {context.Attempt}");
                throw new InvalidOperationException("again");
            }).Build();
            for (var number = 0; number < 3; number++)
                await bus.PublishAsync(new Happened(run.Next(100)));
            await run.AdvanceAsync(TimeSpan.FromSeconds(1));
            facts.Add($"{run.Next(1_000_000)}");
        }).WaitAsync(s_safetyNet);
        return facts;
    }
}
