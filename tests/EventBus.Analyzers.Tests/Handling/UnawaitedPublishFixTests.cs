using Check = EventBus.Analyzers.Tests.Support.CheckWithFix<EventBus.Analyzers.Handling.UnawaitedPublishAnalyzer, EventBus.CodeFixes.AwaitFix>;

namespace EventBus.Analyzers.Tests.Handling;

public sealed class UnawaitedPublishFixTests
{
    [Theory]
    [InlineData("_ = {|EB0002:publisher.PublishAsync(order)|};", "await publisher.PublishAsync(order);")]
    [InlineData("{|EB0002:publisher.PublishAsync(order)|};", "await publisher.PublishAsync(order);")]
    [InlineData("_ = {|EB0002:publisher.PublishAsync(order)|}.AsTask();", "await publisher.PublishAsync(order);")]
    [InlineData("// Told to all.\n        _ = {|EB0002:publisher.ScheduleAsync(order, TimeSpan.FromDays(1))|}; // In a day.", "// Told to all.\n        await publisher.ScheduleAsync(order, TimeSpan.FromDays(1)); // In a day.")]
    public Task In_an_async_handler_it_is_awaited(string statement, string expected) => Check.FixesAsync(Async(statement), Async(expected));

    [Theory]
    [InlineData("lock (publisher) { _ = {|EB0002:publisher.PublishAsync(order)|}; }")]
    [InlineData("new List<OrderPlaced>().ForEach(next => {|EB0002:publisher.PublishAsync(next)|});")]
    public Task Where_await_is_not_allowed_no_fix_is_offered(string statement) => Check.OffersNothingAsync(Async(statement));

    [Fact]
    public Task All_of_a_document_are_fixed_at_once() => Check.FixesAsync(
        Async("_ = {|EB0002:publisher.PublishAsync(order)|}; _ = {|EB0002:publisher.PublishAsync(order)|};"),
        Async("await publisher.PublishAsync(order); await publisher.PublishAsync(order);"));

    private static string Async(string statement) => $$"""
        #pragma warning disable CS1998, CS4014
        class Handler(IEventPublisher publisher) : IEventHandler<OrderPlaced>
        {
            public async ValueTask HandleAsync(OrderPlaced order, EventContext context, CancellationToken cancellationToken)
            {
                {{statement}}
            }
        }
        """;
}
