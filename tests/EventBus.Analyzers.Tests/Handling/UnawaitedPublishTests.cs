using Check = EventBus.Analyzers.Tests.Support.Check<EventBus.Analyzers.Handling.UnawaitedPublishAnalyzer>;

namespace EventBus.Analyzers.Tests.Handling;

public sealed class UnawaitedPublishTests
{
    [Theory]
    [InlineData("_ = {|EB0002:context.Publisher.PublishAsync(new OrderPaid(order.Number))|};")]
    [InlineData("{|EB0002:context.Publisher.PublishAsync(new OrderPaid(order.Number), cancellationToken)|};")]
    [InlineData("_ = {|EB0002:context.Publisher.PublishAsync(new OrderPaid(order.Number))|}.AsTask();")]
    [InlineData("_ = {|EB0002:publisher.PublishAsync(new OrderPaid(order.Number), new PublishOptions { Key = order.Number })|};")]
    [InlineData("_ = {|EB0002:publisher.PublishManyAsync(new[] { order })|};")]
    [InlineData("_ = {|EB0002:publisher.ScheduleAsync(order, TimeSpan.FromDays(1))|};")]
    [InlineData("_ = {|EB0002:paid.PublishAsync(new OrderPaid(order.Number))|};")]
    [InlineData("_ = {|EB0002:bus.PublishAsync(order)|};")]
    [InlineData("publisher?{|EB0002:.PublishAsync(order)|};")]
    [InlineData("new List<OrderPaid>().ForEach(next => {|EB0002:publisher.PublishAsync(next)|});")]
    public Task A_publish_that_a_handler_drops_is_found(string statement) => Check.FindsAsync(InHandler(statement));

    [Theory]
    [InlineData("await context.Publisher.PublishAsync(new OrderPaid(order.Number));")]
    [InlineData("await publisher.PublishAsync(order).ConfigureAwait(false);")]
    [InlineData("var publish = publisher.PublishAsync(order); await publish;")]
    [InlineData("await Task.WhenAll(new[] { order }.Select(next => publisher.PublishAsync(next).AsTask()));")]
    [InlineData("var scheduled = await publisher.ScheduleAsync(order, TimeSpan.FromDays(1)); _ = await publisher.CancelScheduledAsync(scheduled);")]
    [InlineData("_ = publisher.For<OrderPaid>();")]
    public Task A_publish_that_is_awaited_is_as_it_should_be(string statement) => Check.FindsNothingAsync(InHandler(statement));

    [Fact]
    public Task A_lambda_is_a_handler_too() => Check.FindsAsync("""
        static class Setup
        {
            static void Add(EventBusBuilder bus) => bus.Handle<OrderPlaced>((order, context, cancellationToken) =>
            {
                _ = {|EB0002:context.Publisher.PublishAsync(new OrderPaid(order.Number), cancellationToken)|};
                return ValueTask.CompletedTask;
            });
        }
        """);

    [Fact]
    public Task A_method_that_gets_the_context_belongs_to_a_handler() => Check.FindsAsync("""
        static class Steps
        {
            public static void Pay(OrderPlaced order, EventContext context) => {|EB0002:context.Publisher.PublishAsync(new OrderPaid(order.Number))|};
        }
        """);

    [Fact]
    public Task Middleware_that_does_not_await_the_next_handler_is_found() => Check.FindsAsync("""
        class Measure : IEventMiddleware
        {
            public ValueTask HandleAsync<TEvent>(TEvent @event, EventContext context, IEventHandler<TEvent> next, CancellationToken cancellationToken)
                where TEvent : notnull
            {
                _ = {|EB0002:next.HandleAsync(@event, context, cancellationToken)|};
                return default;
            }
        }
        """);

    [Fact]
    public Task Elsewhere_a_publish_may_be_dropped_by_choice() => Check.FindsNothingAsync("""
        class Till(IEventPublisher publisher)
        {
            public void Sell(string number) => _ = publisher.PublishAsync(new OrderPlaced(number));
        }
        """);

    [Theory]
    [InlineData("public void Sell(OrderPlaced order) => {|EB0012:publisher.PublishAsync(order)|};")]
    [InlineData("public void Sell(OrderPlaced order) { {|EB0012:publisher.PublishManyAsync(new[] { order })|}; }")]
    [InlineData("public void Sell(OrderPlaced order) { {|EB0012:publisher.ScheduleAsync(order, TimeSpan.FromDays(1))|}.AsTask(); }")]
    [InlineData("public void Sell(OrderPlaced order) { {|EB0012:publisher.PublishAsync(order)|}.ConfigureAwait(false); }")]
    [InlineData("public void Sell(List<OrderPlaced> orders) => orders.ForEach(next => {|EB0012:publisher.PublishAsync(next)|});")]
    [InlineData("public Action<OrderPlaced> Sell => next => {|EB0012:publisher.PublishAsync(next)|};")]
    [InlineData("public async Task Sell(OrderPlaced order) { {|EB0012:publisher.PublishAsync(order)|}; await Task.Yield(); }")]
    [InlineData("public Till(IEventPublisher publisher, IEventBus bus) : this(publisher) { {|EB0012:bus.PublishAsync(new OrderPlaced(\"1\"))|}; }")]
    public Task A_publish_that_is_dropped_elsewhere_is_found_everywhere(string member) => Check.FindsAsync($$"""
        #pragma warning disable CS4014
        class Till(IEventPublisher publisher)
        {
            {{member}}

            public object Publisher => publisher;
        }
        """);

    [Fact]
    public Task Somebody_elses_publisher_is_not_ours() => Check.FindsNothingAsync("""
        class Broker { public Task PublishAsync(object message) => Task.CompletedTask; }

        class Handler(Broker broker) : IEventHandler<OrderPlaced>
        {
            public ValueTask HandleAsync(OrderPlaced order, EventContext context, CancellationToken cancellationToken)
            {
                _ = broker.PublishAsync(order);
                return default;
            }
        }
        """);

    private static string InHandler(string statement) => $$"""
        #pragma warning disable CS1998, CS4014
        class Handler(IEventPublisher publisher, IEventPublisher<OrderPaid> paid, IEventBus bus) : IEventHandler<OrderPlaced>
        {
            public async ValueTask HandleAsync(OrderPlaced order, EventContext context, CancellationToken cancellationToken)
            {
                {{statement}}
                _ = (publisher, paid, bus);
            }
        }
        """;
}
