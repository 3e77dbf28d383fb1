namespace EventBus.UnitTests.Recording;

public sealed class LogRetentionTests
{
    public static TheoryData<LogRetention, string> Mistakes => new()
    {
        { new() { MaxAge = TimeSpan.Zero }, "LogRetention.MaxAge is 00:00:00, and must be positive. Leave it out to keep events of any age. (Parameter 'retention')" },
        { new() { MaxAge = TimeSpan.FromTicks(-1) }, "LogRetention.MaxAge is -00:00:00.0000001, and must be positive. Leave it out to keep events of any age. (Parameter 'retention')" },
        { new() { MaxEvents = 0 }, "LogRetention.MaxEvents is 0, and must be at least 1. Leave it out to keep any number of events. (Parameter 'retention')" },
        { new() { MaxBytes = -5 }, "LogRetention.MaxBytes is -5, and must be at least 1. Leave it out to keep a log of any size. (Parameter 'retention')" },
        { new() { Every = TimeSpan.Zero }, "LogRetention.Every is 00:00:00, and must be positive. (Parameter 'retention')" },
    };

    [Theory]
    [MemberData(nameof(Mistakes))]
    public void A_bound_that_is_out_of_its_own_bounds_is_told(LogRetention retention, string message) =>
        Assert.Equal(message, Assert.Throws<ArgumentException>(() => new EventBusBuilder().Retain(retention)).Message);

    [Fact]
    public void The_least_bounds_and_none_are_allowed()
    {
        var least = new LogRetention { MaxAge = TimeSpan.FromTicks(1), MaxEvents = 1, MaxBytes = 1, Every = TimeSpan.FromTicks(1) };

        Assert.Same(least, least.Checked("retention"));
        Assert.Equal((null, null, null, false), (new LogRetention().MaxAge, new LogRetention().MaxEvents, new LogRetention().MaxBytes, new LogRetention().EvenUnread));
    }
}
