using EventBus.Recording;

namespace EventBus.UnitTests.Recording;

public sealed class LogTimeTests
{
    [Fact]
    public void Times_are_cut_to_the_millisecond()
    {
        var time = new DateTimeOffset(2026, 3, 29, 0, 59, 59, 999, TimeSpan.Zero);

        Assert.Equal(time, LogTime.Of(time.AddTicks(9_999)));
        Assert.Equal(time, LogTime.Of(time));
    }

    [Fact]
    public void Times_are_utc_whatever_their_offset()
    {
        var summer = new DateTimeOffset(2026, 3, 29, 3, 0, 0, TimeSpan.FromHours(2));
        var winter = new DateTimeOffset(2026, 3, 29, 1, 59, 59, TimeSpan.FromHours(1));

        Assert.Equal((summer.UtcDateTime, TimeSpan.Zero), (LogTime.Of(summer).DateTime, LogTime.Of(summer).Offset));
        Assert.Equal(TimeSpan.FromSeconds(1), LogTime.Of(summer) - LogTime.Of(winter));
    }

    [Fact]
    public void Before_1970_too_a_time_lies_not_after_itself()
    {
        var time = DateTimeOffset.UnixEpoch.AddTicks(-1);

        Assert.Equal(DateTimeOffset.UnixEpoch.AddMilliseconds(-1), LogTime.Of(time));
    }

    [Fact]
    public void The_first_and_the_last_time_stay_in_bounds()
    {
        Assert.Equal(DateTimeOffset.MinValue, LogTime.Of(DateTimeOffset.MinValue));
        Assert.Equal(DateTimeOffset.MaxValue.AddTicks(-9_999), LogTime.Of(DateTimeOffset.MaxValue));
    }
}
