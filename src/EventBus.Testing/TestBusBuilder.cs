using EventBus.Storage;

namespace EventBus.Testing;

/// <summary>Says how a bus under test differs from one in production.</summary>
public sealed class TestBusBuilder
{
    /// <summary>How long the harness waits for idleness by default, in real time: 60 s.</summary>
    public static readonly TimeSpan DefaultPatience = TimeSpan.FromSeconds(60);

    private readonly ChosenClock _clock;
    private TestParts? _parts;
    private InMemoryEventLog? _log;
    private bool _deliversTwice;
    private bool _makesRoundTrips;
    private TimeSpan _patience = DefaultPatience;

    internal TestBusBuilder(ChosenClock clock) => _clock = clock;

    /// <summary>The clock. Default: one that stands at the beginning of the year 2000. The last call wins. Of a container, all buses have one clock.</summary>
    /// <param name="clock">To use a <c>FakeTimeProvider</c>: <c>new TestClock(fake, fake.Advance)</c>.</param>
    public TestBusBuilder UseClock(TestClock clock)
    {
        ArgumentNullException.ThrowIfNull(clock);
        return Change(() => _clock.Choose(clock));
    }

    /// <summary>The event log that takes the place of every other, where the bus has durable subscriptions. Default: an empty one. The last call wins.</summary>
    /// <param name="log">A log that was used before: its subscriptions go on where they were.</param>
    public TestBusBuilder UseLog(InMemoryEventLog log)
    {
        ArgumentNullException.ThrowIfNull(log);
        return Change(() => _log = log);
    }

    /// <summary>Every delivery that was handled is delivered once more, at once, through the whole of its subscription: a handler that is not idempotent shows it.</summary>
    public TestBusBuilder DeliverTwice() => Change(() => _deliversTwice = true);

    /// <summary>Every event goes through the bus's serializer before a subscription's filter and handler see it: what the serializer loses, they miss. An event that does not come
    /// back becomes a dead letter, or, inline, its publisher's failure.</summary>
    public TestBusBuilder RoundTrip() => Change(() => _makesRoundTrips = true);

    /// <summary>How long the harness waits for idleness, in real time, before it says what is not done. Default: <see cref="DefaultPatience"/>.</summary>
    /// <param name="patience">Positive, or <see cref="Timeout.InfiniteTimeSpan"/>. It measures nothing: it ends a test that would otherwise never end.</param>
    public TestBusBuilder Patience(TimeSpan patience)
    {
        if (patience != Timeout.InfiniteTimeSpan)
            ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(patience, TimeSpan.Zero);
        return Change(() => _patience = patience);
    }

    internal TestParts Parts => _parts ??= new TestParts(_clock.Clock, _log ?? new InMemoryEventLog(), new HistoryRecorder(_clock.Clock), new TestFaults())
    {
        DeliversTwice = _deliversTwice,
        MakesRoundTrips = _makesRoundTrips,
        Patience = _patience,
    };

    internal static InvalidOperationException TooLate() => new("The bus under test is built. Say how it differs before that.");

    private TestBusBuilder Change(Action change)
    {
        if (_parts is not null)
            throw TooLate();
        change();
        return this;
    }
}
