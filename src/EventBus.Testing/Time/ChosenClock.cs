using EventBus.Timing;

namespace EventBus.Testing;

/// <summary>The one clock of buses that are tested together.</summary>
internal sealed class ChosenClock
{
    private readonly object _gate = new();
    private TestClock? _clock;
    private bool _isTaken;

    public TestClock Clock
    {
        get
        {
            lock (_gate)
            {
                _isTaken = true;
                return _clock ??= OneThread.Current is { } run ? new TestClock(run.Time, run.Advance) : new TestClock();
            }
        }
    }

    /// <exception cref="InvalidOperationException">Somebody has it already.</exception>
    public void Choose(TestClock clock)
    {
        lock (_gate)
        {
            if (_isTaken && !ReferenceEquals(_clock, clock))
                throw TestBusBuilder.TooLate();
            _clock = clock;
        }
    }
}
