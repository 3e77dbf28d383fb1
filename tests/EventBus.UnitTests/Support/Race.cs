namespace EventBus.UnitTests.Support;

/// <summary>Two threads that each do one thing at the same moment, round after round: for what goes wrong only where two processors do not see each other's writes yet.</summary>
internal static class Race
{
    private static readonly TimeSpan s_safetyNet = TimeSpan.FromSeconds(60);

    /// <param name="rounds">How often.</param>
    /// <param name="first">What the caller's thread does.</param>
    /// <param name="second">What the other thread does.</param>
    /// <param name="judge">Called after each round, when both are done.</param>
    public static async Task RunAsync(int rounds, Action first, Action second, Action<int> judge)
    {
        int begun = 0, done = 0;
        var ended = false;
        var other = Task.Factory.StartNew(
            () =>
            {
                for (var round = 1; round <= rounds; round++)
                {
                    SpinUntil(() => Volatile.Read(ref begun) == round || Volatile.Read(ref ended));
                    if (Volatile.Read(ref ended))
                        return;
                    Wait(round >> 5);
                    second();
                    Volatile.Write(ref done, round);
                }
            },
            CancellationToken.None,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default);
        try
        {
            for (var round = 1; round <= rounds; round++)
            {
                Volatile.Write(ref begun, round);
                Wait(round);
                first();
                SpinUntil(() => Volatile.Read(ref done) == round || other.IsCompleted);
                if (other.IsFaulted)
                    break;
                judge(round);
            }
        }
        finally
        {
            Volatile.Write(ref ended, true);
            await other.WaitAsync(s_safetyNet);
        }
    }

    // So that the two meet at each place of what they do, however long it takes.
    private static void Wait(int steps) => Thread.SpinWait(steps & 31);

    // Not SpinWait.SpinUntil, which sleeps for a millisecond where there are many rounds.
    private static void SpinUntil(Func<bool> condition)
    {
        var spin = default(SpinWait);
        while (!condition())
            spin.SpinOnce(sleep1Threshold: -1);
    }
}
