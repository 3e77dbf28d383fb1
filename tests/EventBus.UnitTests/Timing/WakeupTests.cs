using EventBus.Timing;
using EventBus.UnitTests.Support;

namespace EventBus.UnitTests.Timing;

public sealed class WakeupTests
{
    private static readonly TimeSpan s_safetyNet = TimeSpan.FromSeconds(60);

    private readonly Wakeup _wakeup = new(ThreadStarter.Instance);

    [Fact]
    public async Task A_signal_given_before_the_wait_is_not_lost()
    {
        _wakeup.Signal();

        Assert.True(_wakeup.IsCompleted);
        await WaitAsync().WaitAsync(s_safetyNet);
    }

    [Fact]
    public async Task A_signal_wakes_the_sleeper()
    {
        var sleep = WaitAsync();
        Assert.False(sleep.IsCompleted);

        _wakeup.Signal();

        await sleep.WaitAsync(s_safetyNet);
    }

    [Fact]
    public async Task Several_signals_before_the_sleeper_goes_on_are_one()
    {
        _wakeup.Signal();
        _wakeup.Signal();
        _wakeup.Signal();
        await WaitAsync().WaitAsync(s_safetyNet);

        var next = WaitAsync();

        Assert.False(next.IsCompleted);
        _wakeup.Signal();
        await next.WaitAsync(s_safetyNet);
    }

    [Fact]
    public async Task The_sleeper_does_not_run_on_the_thread_that_signals()
    {
        var thread = 0;
        var sleep = Task.Run(async () =>
        {
            await _wakeup;
            Volatile.Write(ref thread, Environment.CurrentManagedThreadId);
        });
        using var signalled = new ManualResetEventSlim();
        var signaller = new Thread(() =>
        {
            _wakeup.Signal();
            signalled.Wait(s_safetyNet);
        });
        signaller.Start();

        await sleep.WaitAsync(s_safetyNet);
        signalled.Set();
        signaller.Join();

        Assert.NotEqual(signaller.ManagedThreadId, thread);
    }

    [Fact]
    public async Task No_signal_is_lost_however_the_two_sides_interleave()
    {
        const int Rounds = 200_000;
        var asked = 0;
        var answered = 0;
        var answer = new Wakeup(ThreadStarter.Instance);
        var sleeper = Task.Run(async () =>
        {
            while (Volatile.Read(ref answered) < Rounds)
            {
                await _wakeup;
                Volatile.Write(ref answered, Volatile.Read(ref asked));
                answer.Signal();
            }
        });
        var signaller = Task.Run(async () =>
        {
            for (var round = 1; round <= Rounds; round++)
            {
                Volatile.Write(ref asked, round);
                _wakeup.Signal();
                while (Volatile.Read(ref answered) < round)
                    await answer;
            }
        });

        await Task.WhenAll(sleeper, signaller).WaitAsync(s_safetyNet);

        Assert.Equal(Rounds, answered);
    }

    [Fact]
    public async Task What_is_said_before_a_signal_is_seen_by_a_sleeper_that_goes_on_and_does_not_sleep_again()
    {
        int said = 0, seen = 0;

        await Race.RunAsync(
            30_000,
            () =>
            {
                // It was woken a moment ago, for something else.
                _wakeup.GetResult();
                seen = Volatile.Read(ref said);
            },
            () =>
            {
                Volatile.Write(ref said, 1);
                _wakeup.Signal();
            },
            round =>
            {
                Assert.True(seen == 1 || _wakeup.IsCompleted, $"The sleeper has neither seen what was said nor got the signal, in round {round}.");
                said = 0;
                _wakeup.Signal();
            });
    }

    [Fact]
    public async Task A_yield_goes_on_by_itself()
    {
        await Task.Run(async () =>
        {
            for (var i = 0; i < 1000; i++)
                await _wakeup.Yield();
        }).WaitAsync(s_safetyNet);
    }

    private async Task WaitAsync() => await _wakeup;
}
