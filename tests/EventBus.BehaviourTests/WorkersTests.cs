using EventBus.BehaviourTests.Support;

namespace EventBus.BehaviourTests;

/// <summary>On the system's clock: only there do handlers count as quick, and are left to one worker.</summary>
public sealed class WorkersTests
{
    private const int Quick = 5_000;

    [Fact]
    public async Task After_thousands_of_quick_handlers_one_that_blocks_its_thread_holds_up_nobody()
    {
        using var release = new ManualResetEventSlim();
        var other = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var bus = new EventBusBuilder()
            .Handle<string>(
                (fact, _, _) =>
                {
                    if (fact == "blocks")
                        release.Wait(CancellationToken.None);
                    else if (fact == "other")
                        other.SetResult();
                    return default;
                },
                static s => s.OrderedBy(static fact => fact).Concurrency(2))
            .Build();
        for (var i = 0; i < Quick; i++)
            await bus.PublishAsync("quick");

        await bus.PublishAsync("blocks");
        await bus.PublishAsync("other");

        await other.Task.Soon();
        release.Set();
        await bus.WhenSettled();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task After_thousands_of_quick_handlers_those_that_wait_run_at_once_as_many_as_asked_for(bool ordered)
    {
        const int Concurrency = 4;
        var held = new HeldHandler(Concurrency);
        await using var bus = new EventBusBuilder()
            .Handle<int>(
                async (number, _, _) =>
                {
                    if (number >= Quick)
                        await held.HoldAsync();
                },
                s =>
                {
                    s.Concurrency(Concurrency);
                    if (ordered)
                        s.OrderedBy(static number => number);
                })
            .Build();

        for (var number = 0; number < Quick + Concurrency; number++)
            await bus.PublishAsync(number);

        await held.Entered;
        held.Open();
        await bus.WhenSettled();
    }
}
