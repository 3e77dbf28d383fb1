using Check = EventBus.Analyzers.Tests.Support.CheckWithFix<EventBus.Analyzers.Handling.BusInHandlerAnalyzer, EventBus.CodeFixes.PublisherFix>;

namespace EventBus.Analyzers.Tests.Handling;

public sealed class PublisherFixTests
{
    [Fact]
    public Task A_primary_constructor_takes_a_publisher() => Check.FixesAsync(
        Handler("class Handler(IEventBus bus)", "await {|EB0011:bus|}.PublishAsync(order);"),
        Handler("class Handler(IEventPublisher bus)", "await bus.PublishAsync(order);"));

    [Fact]
    public Task A_key_and_a_qualified_name_stay() => Check.FixesAsync(
        Handler("class Handler([FromKeyedServices(\"orders\")] EventBus.IEventBus bus)", "await {|EB0011:bus|}.PublishAsync(order);"),
        Handler("class Handler([FromKeyedServices(\"orders\")] EventBus.IEventPublisher bus)", "await bus.PublishAsync(order);"));

    [Fact]
    public Task A_field_and_the_parameter_that_it_comes_from_change_together() => Check.FixesAsync(
        """
        class Handler : IEventHandler<OrderPlaced>
        {
            private readonly IEventBus _bus;

            public Handler(IEventBus bus)
            {
                ArgumentNullException.ThrowIfNull(bus);
                _bus = bus ?? throw new ArgumentNullException(nameof(bus));
            }

            public async ValueTask HandleAsync(OrderPlaced order, EventContext context, CancellationToken cancellationToken) => await {|EB0011:_bus|}.PublishAsync(order, cancellationToken);
        }
        """,
        """
        class Handler : IEventHandler<OrderPlaced>
        {
            private readonly IEventPublisher _bus;

            public Handler(IEventPublisher bus)
            {
                ArgumentNullException.ThrowIfNull(bus);
                _bus = bus ?? throw new ArgumentNullException(nameof(bus));
            }

            public async ValueTask HandleAsync(OrderPlaced order, EventContext context, CancellationToken cancellationToken) => await _bus.PublishAsync(order, cancellationToken);
        }
        """);

    [Fact]
    public Task A_field_with_an_initializer_changes_with_its_parameter() => Check.FixesAsync(
        Handler("class Handler(IEventBus bus)", "await {|EB0011:_bus|}.PublishAsync(order);", "private readonly IEventBus _bus = bus;"),
        Handler("class Handler(IEventPublisher bus)", "await _bus.PublishAsync(order);", "private readonly IEventPublisher _bus = bus;"));

    [Fact]
    public Task A_lambda_takes_a_publisher_as_its_service() => Check.FixesAsync(
        """
        static class Setup
        {
            static void Add(EventBusBuilder builder) => builder.Handle<OrderPlaced, IEventBus>(async (order, bus, context, token) =>
                await {|EB0011:bus|}.PublishAsync(new OrderPaid(order.Number), token));
        }
        """,
        """
        static class Setup
        {
            static void Add(EventBusBuilder builder) => builder.Handle<OrderPlaced, IEventPublisher>(async (order, bus, context, token) =>
                await bus.PublishAsync(new OrderPaid(order.Number), token));
        }
        """);

    [Fact]
    public Task What_is_asked_of_the_services_is_a_publisher() => Check.FixesAsync(
        Handler("class Handler", "await {|EB0011:context.Services.GetRequiredService<IEventBus>()|}.PublishAsync(order);"),
        Handler("class Handler", "await context.Services.GetRequiredService<IEventPublisher>().PublishAsync(order);"));

    [Theory]
    [InlineData("await {|EB0011:bus|}.PublishAsync(order); _ = bus.Subscriptions;")]
    [InlineData("await {|EB0011:bus|}.PublishAsync(order); object other = bus;")]
    public Task Where_the_bus_is_needed_too_no_fix_is_offered(string statements) => Check.OffersNothingAsync(Handler("class Handler(IEventBus bus)", statements));

    private static string Handler(string declaration, string statement, string field = "") => $$"""
        {{declaration}} : IEventHandler<OrderPlaced>
        {
            {{field}}

            public async ValueTask HandleAsync(OrderPlaced order, EventContext context, CancellationToken cancellationToken)
            {
                {{statement}}
            }
        }
        """;
}
