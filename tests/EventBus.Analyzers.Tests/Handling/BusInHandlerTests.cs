using Check = EventBus.Analyzers.Tests.Support.Check<EventBus.Analyzers.Handling.BusInHandlerAnalyzer>;

namespace EventBus.Analyzers.Tests.Handling;

public sealed class BusInHandlerTests
{
    [Theory]
    [InlineData("await {|EB0011:bus|}.PublishAsync(order);")]
    [InlineData("await {|EB0011:bus|}.PublishAsync(order, cancellationToken);")]
    [InlineData("await {|EB0011:bus|}.PublishAsync(order, new PublishOptions { Key = order.Number }, cancellationToken);")]
    [InlineData("await {|EB0011:bus|}.PublishManyAsync(new[] { order });")]
    [InlineData("await {|EB0011:bus|}.ScheduleAsync(order, TimeSpan.FromDays(1));")]
    [InlineData("await {|EB0011:_kept|}.PublishAsync(order);")]
    [InlineData("await {|EB0011:this._kept|}.PublishAsync(order);")]
    [InlineData("await {|EB0011:Own|}.PublishAsync(order);")]
    [InlineData("await {|EB0011:context.Services.GetRequiredService<IEventBus>()|}.PublishAsync(order);")]
    [InlineData("await {|EB0011:context.Services.GetRequiredKeyedService<IEventBus>(\"orders\")|}.PublishAsync(order);")]
    public Task A_publish_with_a_bus_that_the_handler_was_given_is_found(string statement) => Check.FindsAsync(InHandler(statement));

    [Theory]
    [InlineData("await context.Publisher.PublishAsync(order);")]
    [InlineData("await publisher.PublishAsync(order);")]
    [InlineData("_ = bus.Subscriptions;")]
    [InlineData("await bus.DeadLetters.CountAsync();")]
    [InlineData("await context.Services.GetRequiredService<IEventPublisher>().PublishAsync(order);")]
    public Task What_is_not_published_with_the_bus_is_as_it_should_be(string statement) => Check.FindsNothingAsync(InHandler(statement));

    [Fact]
    public Task A_lambda_that_takes_the_bus_as_its_service_is_found() => Check.FindsAsync("""
        static class Setup
        {
            static void Add(EventBusBuilder builder) => builder.Handle<OrderPlaced, IEventBus>(async (order, bus, context, token) =>
                await {|EB0011:bus|}.PublishAsync(new OrderPaid(order.Number), token));
        }
        """);

    [Fact]
    public Task Middleware_is_part_of_the_delivery_too() => Check.FindsAsync("""
        class Tell(IEventBus bus) : IEventMiddleware
        {
            public async ValueTask HandleAsync<TEvent>(TEvent @event, EventContext context, IEventHandler<TEvent> next, CancellationToken cancellationToken)
                where TEvent : notnull
            {
                await next.HandleAsync(@event, context, cancellationToken);
                await {|EB0011:bus|}.PublishAsync(new OrderPaid("1"));
            }
        }
        """);

    [Fact]
    public Task A_bus_of_the_code_around_a_lambda_may_be_another_one() => Check.FindsNothingAsync("""
        static class Bridge
        {
            static void Between(IEventBus orders, IEventBus billing) => orders.Subscribe<OrderPlaced>(async (order, context, token) => await billing.PublishAsync(order, token));
        }
        """);

    [Fact]
    public Task Outside_of_handlers_the_bus_is_a_publisher_like_any_other() => Check.FindsNothingAsync("""
        class Till(IEventBus bus)
        {
            public ValueTask SellAsync(string number) => bus.PublishAsync(new OrderPlaced(number));
        }
        """);

    private static string InHandler(string statement) => $$"""
        #pragma warning disable CS1998, CS4014
        class Handler(IEventBus bus, IEventPublisher publisher) : IEventHandler<OrderPlaced>
        {
            private readonly IEventBus _kept = bus;

            private IEventBus Own => _kept;

            public async ValueTask HandleAsync(OrderPlaced order, EventContext context, CancellationToken cancellationToken)
            {
                {{statement}}
                _ = (bus, publisher, _kept, Own);
            }
        }
        """;
}
