namespace EventBus.UnitTests.Support;

/// <summary>A machine whose wall clock can be set while its monotonic clock goes on.</summary>
internal sealed class SettableTimeProvider(long frequency = TimeSpan.TicksPerSecond) : TimeProvider
{
    private DateTimeOffset _wall = new(2026, 3, 29, 0, 30, 0, TimeSpan.Zero);
    private TimeSpan _passed = TimeSpan.FromDays(200);

    public override long TimestampFrequency => frequency;

    public void SetWallClock(DateTimeOffset time) => _wall = time;

    public void Pass(TimeSpan time)
    {
        _passed += time;
        _wall += time;
    }

    public override DateTimeOffset GetUtcNow() => _wall;

    public override long GetTimestamp() => (long)((Int128)_passed.Ticks * frequency / TimeSpan.TicksPerSecond);
}
