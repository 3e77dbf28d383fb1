using EventBus.BehaviourTests.Support;
using EventBus.Storage;

namespace EventBus.BehaviourTests.Durable;

/// <summary>The first publish opens the log. It may fail, and others may come meanwhile.</summary>
public sealed class FirstPublishTests : IDisposable
{
    private readonly InMemoryEventLog _disk = new();

    [Fact]
    public async Task Publishers_that_come_while_a_start_is_under_way_get_its_failure_and_begin_none_of_their_own()
    {
        var opens = 0;
        using var opening = new ManualResetEventSlim();
        using var released = new ManualResetEventSlim();
        var log = new FaultyLog(_disk)
        {
            Fault = (_, call) =>
            {
                if (call != "Open" || Interlocked.Increment(ref opens) > 1)
                    return null;
                opening.Set();
                released.Wait();
                return FaultyLog.Transient();
            },
        };
        await using var bus = Bus(log);
        var failures = new Exception?[12];

        var threads = failures.Select((_, i) => new Thread(() => failures[i] = Record.Exception(() => bus.PublishAsync(i).AsTask().GetAwaiter().GetResult()))).ToArray();
        threads[0].Start();
        opening.Wait();
        foreach (var thread in threads[1..])
            thread.Start();
        // The gate is all that they can wait for.
        SpinWait.SpinUntil(() => threads.All(static thread => thread.ThreadState.HasFlag(ThreadState.WaitSleepJoin)));
        released.Set();
        foreach (var thread in threads)
            thread.Join();

        Assert.All(failures, static failure => Assert.Equal("There is no room on the disk.", Assert.IsType<EventLogException>(failure).Message));
        Assert.Equal(1, opens);
        await bus.PublishAsync(12);
        Assert.Equal(2, opens);
    }

    [Fact]
    public async Task A_first_publish_that_cannot_open_the_log_fails_by_its_task()
    {
        var log = new FaultyLog(_disk) { Fault = static (_, call) => call == "Open" ? FaultyLog.Transient() : null };
        await using var bus = Bus(log);

        var published = bus.PublishAsync(1);
        var scheduled = bus.ScheduleAsync(1, TimeSpan.FromDays(1));

        await Assert.ThrowsAsync<EventLogException>(published.AsTask);
        await Assert.ThrowsAsync<EventLogException>(scheduled.AsTask);
    }

    public void Dispose() => _disk.Dispose();

    private static IEventBus Bus(IEventLog log) => new EventBusBuilder().UseEventLog(log).Handle<int>(static (_, _, _) => default, static s => s.Named("facts").Durable()).Build();
}
