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

    [Fact]
    public Task A_handling_lambda_becomes_async() => Check.FixesAsync(
        """
        static class Setup
        {
            static void Add(EventBusBuilder bus) => bus.Handle<OrderPlaced>((order, context, cancellationToken) =>
            {
                if (order.Number == "")
                    return default;
                _ = {|EB0002:context.Publisher.PublishAsync(new OrderPaid(order.Number))|};
                return ValueTask.CompletedTask;
            });
        }
        """,
        """
        static class Setup
        {
            static void Add(EventBusBuilder bus) => bus.Handle<OrderPlaced>(async (order, context, cancellationToken) =>
            {
                if (order.Number == "")
                    return;
                await context.Publisher.PublishAsync(new OrderPaid(order.Number));
            });
        }
        """);

    [Fact]
    public Task A_handler_becomes_async() => Check.FixesAsync(
        """
        class Pay(IEventPublisher publisher) : IEventHandler<OrderPlaced>
        {
            // Pays.
            public ValueTask HandleAsync(OrderPlaced order, EventContext context, CancellationToken cancellationToken)
            {
                {|EB0002:publisher.PublishAsync(new OrderPaid(order.Number))|};
                return ValueTask.CompletedTask;
            }
        }
        """,
        """
        class Pay(IEventPublisher publisher) : IEventHandler<OrderPlaced>
        {
            // Pays.
            public async ValueTask HandleAsync(OrderPlaced order, EventContext context, CancellationToken cancellationToken)
            {
                await publisher.PublishAsync(new OrderPaid(order.Number));
            }
        }
        """);

    [Fact]
    public Task Outside_of_handlers_it_is_awaited_where_it_can_be() => Check.FixesAsync(
        """
        #pragma warning disable CS4014
        class Till(IEventPublisher publisher)
        {
            public async Task SellAsync(OrderPlaced order)
            {
                {|EB0012:publisher.PublishAsync(order)|};
                await Task.Yield();
            }
        }
        """,
        """
        #pragma warning disable CS4014
        class Till(IEventPublisher publisher)
        {
            public async Task SellAsync(OrderPlaced order)
            {
                await publisher.PublishAsync(order);
                await Task.Yield();
            }
        }
        """);

    [Fact]
    public Task Where_the_function_cannot_become_async_no_fix_is_offered() => Check.OffersNothingAsync("""
        class Till(IEventPublisher publisher)
        {
            public void Sell(OrderPlaced order) => {|EB0012:publisher.PublishAsync(order)|};
        }
        """);

    [Theory]
    [InlineData("_ = {|EB0002:publisher.PublishAsync(order)|}; return next.HandleAsync(order, context, cancellationToken);")]
    [InlineData("_ = {|EB0002:publisher.PublishAsync(order)|}; throw new NotSupportedException();")]
    public Task A_handler_that_returns_another_task_is_left_to_its_author(string statements) => Check.OffersNothingAsync($$"""
        class Pay(IEventPublisher publisher, IEventHandler<OrderPlaced> next) : IEventHandler<OrderPlaced>
        {
            public ValueTask HandleAsync(OrderPlaced order, EventContext context, CancellationToken cancellationToken)
            {
                {{statements}}
            }

            public object Next => next;
        }
        """);

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
