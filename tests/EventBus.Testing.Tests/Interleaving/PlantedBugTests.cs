namespace EventBus.Testing.Tests.Interleaving;

/// <summary>Bugs that only some interleavings show are found, and are found again.</summary>
public sealed class PlantedBugTests
{
    private static readonly TimeSpan s_safetyNet = TimeSpan.FromMinutes(5);

    private sealed record Deposited(int Amount);

    private sealed record Registered(int Number);

    [Fact]
    public async Task A_lost_update_is_found_and_fails_a_hundred_times_with_its_seed()
    {
        var found = await Assert.ThrowsAsync<InterleavingException>(() => Interleavings.RunAsync(200, _ => DepositAsync(static s => s.Concurrency(2))).WaitAsync(s_safetyNet));

        for (var i = 0; i < 100; i++)
        {
            var again = await Assert.ThrowsAsync<InterleavingException>(() => Interleavings.ReplayAsync(found.Seed, _ => DepositAsync(static s => s.Concurrency(2))).WaitAsync(s_safetyNet));

            Assert.Equal(found.InnerException!.Message, again.InnerException!.Message);
            Assert.Equal(found.Trace.Steps, again.Trace.Steps);
        }
    }

    [Fact]
    public async Task Mended_it_passes_in_all_interleavings() =>
        await Interleavings.RunAsync(200, _ => DepositAsync(static s => s.Concurrency(2).OrderedBy(static _ => "the one account"))).WaitAsync(s_safetyNet);

    [Fact]
    public async Task An_assumption_about_two_subscriptions_that_seldom_fails_is_found()
    {
        var failed = new List<long>();
        for (var seed = 1; seed <= 300; seed++)
        {
            try
            {
                await Interleavings.ReplayAsync(seed, GreetAsync).WaitAsync(s_safetyNet);
            }
            catch (InterleavingException)
            {
                failed.Add(seed);
            }
        }

        Assert.InRange(failed.Count, 1, 60);
        foreach (var seed in failed)
            await Assert.ThrowsAsync<InterleavingException>(() => Interleavings.ReplayAsync(seed, GreetAsync).WaitAsync(s_safetyNet));
    }

    // Two deliveries read the balance before either writes it.
    private static async Task DepositAsync(Action<SubscriptionBuilder<Deposited>> configure)
    {
        var balance = 0;
        var bus = new EventBusBuilder().Handle<Deposited>(
            async (e, _, _) =>
            {
                var before = balance;
                await Task.Yield();
                balance = before + e.Amount;
            },
            s => configure(s.Named("balance"))).Build();

        await bus.PublishAsync(new Deposited(1));
        await bus.PublishAsync(new Deposited(2));
        await bus.StopAsync();

        Assert.Equal(3, balance);
    }

    // Whoever greets believes that the directory is at most two entries behind.
    private static async Task GreetAsync(SeededRun run)
    {
        var entered = 0;
        var bus = new EventBusBuilder()
            .Handle<Registered>(
                (_, _, _) =>
                {
                    entered++;
                    return default;
                },
                s => s.Named("directory"))
            .Handle<Registered>(
                async (e, _, _) =>
                {
                    await Task.Yield();
                    Assert.True(e.Number - entered <= 2, "unknown");
                },
                s => s.Named("greeter").Retry(RetryPolicy.None))
            .Build();

        for (var number = 1; number <= 5; number++)
            await bus.PublishAsync(new Registered(number));
        await bus.StopAsync();

        Assert.Empty(await bus.DeadLetters.ListAsync());
    }
}
