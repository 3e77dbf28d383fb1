namespace EventBus.Testing;

/// <summary>What goes wrong, by a test's will: attempts of handlers, calls of the event log, the whole process. What is asked for holds from then on, also after a crash.</summary>
/// <remarks>Thread-safe. A name that no subscription has does nothing.</remarks>
public sealed class TestFaults
{
    private readonly object _gate = new();
    private readonly List<AttemptFault> _attempts = [];
    private readonly List<StoreFault> _stores = [];
    private readonly List<Crash> _crashes = [];

    internal TestFaults()
    {
    }

    /// <summary>Lets one attempt of a subscription fail, in place of its handler.</summary>
    /// <param name="subscription">The subscription's name.</param>
    /// <param name="nth">Which of the attempts that it makes from now on; from 1.</param>
    /// <param name="error">What it fails with; default: an <see cref="InjectedFaultException"/>.</param>
    public void FailAttempt(string subscription, int nth = 1, Exception? error = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(nth, 1);
        var count = 0;
        FailAttempts(subscription, _ => Interlocked.Increment(ref count) == nth ? error ?? new InjectedFaultException() : null);
    }

    /// <summary>Lets attempts of a subscription fail, in place of its handler.</summary>
    /// <param name="subscription">The subscription's name.</param>
    /// <param name="fault">Asked before each of its attempts, from many threads at once: what it fails with, or nothing. For example
    /// <c>delivery => delivery.Attempt &lt;= 2 ? new TimeoutException() : null</c>.</param>
    public void FailAttempts(string subscription, Func<EventMetadata, Exception?> fault)
    {
        ArgumentNullException.ThrowIfNull(subscription);
        ArgumentNullException.ThrowIfNull(fault);
        lock (_gate)
            _attempts.Add(new(subscription, fault, TimeSpan.Zero));
    }

    /// <summary>Lets one attempt of a subscription take time before its handler is called. Its token can cancel that.</summary>
    /// <param name="subscription">The subscription's name.</param>
    /// <param name="delay">How long, by the bus's clock; <see cref="Timeout.InfiniteTimeSpan"/>: until the attempt is cancelled.</param>
    /// <param name="nth">Which of the attempts that it makes from now on; from 1.</param>
    public void DelayAttempt(string subscription, TimeSpan delay, int nth = 1)
    {
        ArgumentNullException.ThrowIfNull(subscription);
        ArgumentOutOfRangeException.ThrowIfLessThan(nth, 1);
        if (delay != Timeout.InfiniteTimeSpan)
            ArgumentOutOfRangeException.ThrowIfLessThan(delay, TimeSpan.Zero);
        var count = 0;
        lock (_gate)
            _attempts.Add(new(subscription, null, delay) { IsDelayed = () => Interlocked.Increment(ref count) == nth });
    }

    /// <summary>Lets one call of a store fail: of the event log, or of the stores of dead letters and of handled deliveries.</summary>
    /// <param name="nth">Which of the calls that the bus makes from now on; from 1.</param>
    /// <param name="call">Only calls of this member are counted, for example <c>nameof(ILogTransaction.Append)</c> or <c>nameof(IDeadLetterStore.AddAsync)</c>; default: all that read or
    /// write.</param>
    /// <param name="error">What it fails with; default: a transient <see cref="EventLogException"/>, after which nothing was written and the bus goes on. One that is not transient stops
    /// everything durable until the bus is started again.</param>
    /// <remarks>What a subscription could not write to the log, a dead letter for example, is written a second later by the bus's clock, or with the next commit. Its handler counts as one that runs
    /// until then, and <see cref="TestBus.AdvanceAsync"/> waits for it: publish another event, or let time pass with <see cref="TestClock.Advance"/>.</remarks>
    public void FailStoreCall(int nth = 1, string? call = null, Exception? error = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(nth, 1);
        lock (_gate)
            _stores.Add(new(nth, call, error ?? new EventLogException("The test lets this call of the event log fail.") { IsTransient = true }));
    }

    /// <summary>Lets the process die: nothing that is not in the log is left, and nobody hears of what was under way. <see cref="TestBus.WhenCrashedAsync"/> tells, and
    /// <see cref="TestBus.RestartAsync"/> goes on.</summary>
    /// <param name="point">At which boundary.</param>
    /// <param name="passing">At which passing of it, from now on; from 1.</param>
    /// <param name="subscription">Only where this subscription passes; default: whoever does. What belongs to no subscription passes for none.</param>
    public void CrashAt(CrashPoint point, int passing = 1, string? subscription = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(passing, 1);
        lock (_gate)
            _crashes.Add(new(point, passing, subscription));
    }

    /// <summary>Nothing goes wrong any more.</summary>
    public void Clear()
    {
        lock (_gate)
        {
            _attempts.Clear();
            _stores.Clear();
            _crashes.Clear();
        }
    }

    /// <summary>What one attempt meets: how long it takes, and what it then fails with.</summary>
    internal (TimeSpan Delay, Exception? Error) OfAttempt(EventMetadata delivery)
    {
        AttemptFault[] faults;
        lock (_gate)
            faults = [.. _attempts.Where(fault => fault.Subscription == delivery.Subscription)];
        var delay = TimeSpan.Zero;
        Exception? error = null;
        foreach (var fault in faults)
        {
            if (fault.IsDelayed?.Invoke() == true)
                delay = fault.Delay;
            error ??= fault.Error?.Invoke(delivery);
        }

        return (delay, error);
    }

    internal Exception? OfStoreCall(string call)
    {
        lock (_gate)
        {
            Exception? error = null;
            foreach (var fault in _stores.Where(fault => fault.Call is null || fault.Call == call))
            {
                if (--fault.Left == 0)
                    error ??= fault.Error;
            }

            return error;
        }
    }

    internal bool CrashesAt(CrashPoint point, string? subscription)
    {
        lock (_gate)
        {
            var crashes = false;
            foreach (var crash in _crashes.Where(crash => crash.Point == point && (crash.Subscription is null || crash.Subscription == subscription)))
                crashes |= --crash.Left == 0;
            return crashes;
        }
    }

    private sealed record AttemptFault(string Subscription, Func<EventMetadata, Exception?>? Error, TimeSpan Delay)
    {
        public Func<bool>? IsDelayed { get; init; }
    }

    private sealed class StoreFault(int nth, string? call, Exception error)
    {
        public int Left { get; set; } = nth;

        public string? Call => call;

        public Exception Error => error;
    }

    private sealed class Crash(CrashPoint point, int passing, string? subscription)
    {
        public int Left { get; set; } = passing;

        public CrashPoint Point => point;

        public string? Subscription => subscription;
    }
}
