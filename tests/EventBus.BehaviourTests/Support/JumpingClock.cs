using Microsoft.Extensions.Time.Testing;

namespace EventBus.BehaviourTests.Support;

/// <summary>A clock on a machine whose date somebody sets: <see cref="Jump"/> moves the date, and neither the timers nor the monotonic time.</summary>
internal sealed class JumpingClock : TimeProvider
{
    private readonly FakeTimeProvider _inner = new();

    public TimeSpan Jump { get; set; }

    public TimeZoneInfo Zone { get; init; } = TimeZoneInfo.Utc;

    public override TimeZoneInfo LocalTimeZone => Zone;

    public override long TimestampFrequency => _inner.TimestampFrequency;

    public override DateTimeOffset GetUtcNow() => _inner.GetUtcNow() + Jump;

    public override long GetTimestamp() => _inner.GetTimestamp();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        _inner.CreateTimer(callback, state, dueTime, period);

    public void Advance(TimeSpan time) => _inner.Advance(time);
}
