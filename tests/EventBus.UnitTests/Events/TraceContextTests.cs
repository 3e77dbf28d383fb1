using System.Diagnostics;
using EventBus.Events;

namespace EventBus.UnitTests.Events;

public sealed class TraceContextTests
{
    private const string Parent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

    [Theory]
    [InlineData(Parent, "rojo=1")]
    [InlineData("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00", null)]
    public void What_was_written_down_is_read_as_it_was(string parent, string? state)
    {
        var trace = TraceContext.Of(parent, state);

        Assert.Equal((parent, state), (trace?.Parent, trace?.State));
        Assert.True(trace?.Context.IsRemote);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("no trace")]
    [InlineData("00-00000000000000000000000000000000-0000000000000000-01")]
    public void What_is_no_trace_is_none(string? parent) => Assert.Null(TraceContext.Of(parent, null));

    [Fact]
    public void The_current_one_is_that_of_the_activity_which_runs()
    {
        Assert.Null(TraceContext.Current);

        using var activity = new Activity("request").SetIdFormat(ActivityIdFormat.W3C).Start();
        activity.TraceStateString = "rojo=1";

        Assert.Equal((activity.Id, "rojo=1"), (TraceContext.Current?.Parent, TraceContext.Current?.State));
    }

    [Fact]
    public void An_activity_of_the_old_form_is_no_trace()
    {
        using var activity = new Activity("request").SetIdFormat(ActivityIdFormat.Hierarchical).Start();

        Assert.Null(TraceContext.Current);
    }
}
