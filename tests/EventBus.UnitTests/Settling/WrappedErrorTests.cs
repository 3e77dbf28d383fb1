using System.Reflection;
using EventBus.Settling;

namespace EventBus.UnitTests.Settling;

public sealed class WrappedErrorTests
{
    private static readonly DoNotRetryException s_refusal = new("no such order");
    private static readonly InvalidOperationException s_other = new();

    public static TheoryData<Exception> Wrappings => new(new Exception[]
    {
        new AggregateException(s_refusal),
        new AggregateException(s_other, s_refusal),
        new AggregateException(new AggregateException(s_other, new AggregateException(s_refusal))),
        new TargetInvocationException(s_refusal),
        new TargetInvocationException(new AggregateException(new TargetInvocationException(s_refusal))),
        new AggregateException(s_other, new TargetInvocationException(s_refusal)),
    });

    [Theory]
    [MemberData(nameof(Wrappings))]
    public void What_a_handler_says_is_found_in_whatever_carries_it(Exception error)
    {
        Assert.Same(s_refusal, WrappedError.Find<DoNotRetryException>(error));
        Assert.Null(WrappedError.Find<RetryAfterException>(error));
    }

    [Fact]
    public void What_only_caused_another_exception_is_not_what_the_handler_says() =>
        Assert.Null(WrappedError.Find<DoNotRetryException>(new InvalidOperationException("shop", s_refusal)));

    public static TheoryData<Exception, bool> Cancellations => new()
    {
        { new OperationCanceledException(), true },
        { new AggregateException(new TaskCanceledException()), true },
        { new AggregateException(new TaskCanceledException(), new AggregateException(new OperationCanceledException())), true },
        { new TargetInvocationException(new OperationCanceledException()), true },
        { new AggregateException(new TaskCanceledException(), s_other), false },
        { new AggregateException(), false },
        { new TargetInvocationException(null), false },
        { new InvalidOperationException("shop", new OperationCanceledException()), false },
    };

    [Theory]
    [MemberData(nameof(Cancellations))]
    public void An_exception_stands_for_those_that_it_carries_where_all_are_of_a_kind(Exception error, bool isCancelled) =>
        Assert.Equal(isCancelled, WrappedError.IsOnly<OperationCanceledException>(error));

    [Fact]
    public void Very_deep_nesting_is_looked_through()
    {
        Exception error = s_refusal;
        for (var depth = 0; depth < 100_000; depth++)
            error = new TargetInvocationException(error);

        Assert.Same(s_refusal, WrappedError.Find<DoNotRetryException>(error));
        Assert.True(WrappedError.IsOnly<DoNotRetryException>(error));
    }
}
