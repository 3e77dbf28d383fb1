using Check = EventBus.Analyzers.Tests.Support.Check<EventBus.Analyzers.Publishing.PublishedValueAnalyzer>;

namespace EventBus.Analyzers.Tests.Publishing;

public sealed class PublishedCollectionTests
{
    [Theory]
    [InlineData("await publisher.PublishAsync({|EB0008:new List<OrderPlaced>()|});")]
    [InlineData("await publisher.PublishAsync({|EB0008:new OrderPlaced[0]|}, cancellationToken);")]
    [InlineData("await publisher.PublishAsync({|EB0008:orders|}, new PublishOptions { Key = \"1\" });")]
    [InlineData("await publisher.PublishAsync({|EB0008:orders.Where(order => order.Number.Length > 0)|});")]
    [InlineData("await publisher.ScheduleAsync({|EB0008:orders|}, TimeSpan.FromDays(1));")]
    public Task A_collection_that_is_published_is_found(string statement) => Check.FindsAsync(In(statement));

    [Theory]
    [InlineData("await publisher.PublishManyAsync(orders);")]
    [InlineData("await publisher.PublishAsync(\"a text is no collection\");")]
    [InlineData("await publisher.PublishAsync(new Basket());")]
    [InlineData("await publisher.PublishAsync<IReadOnlyList<OrderPlaced>>(orders);")]
    [InlineData("await publisher.For<OrderPlaced[]>().PublishAsync(new OrderPlaced[0]);")]
    [InlineData("foreach (var order in orders) await publisher.PublishAsync(order);")]
    [InlineData("await publisher.PublishAsync((1, 2));")]
    [InlineData("await publisher.PublishAsync(new byte[3]);")]
    public Task What_may_be_an_event_is_as_it_should_be(string statement) => Check.FindsNothingAsync(In(statement));

    private static string In(string statement) => $$"""
        class Basket : List<OrderPlaced>;

        class Shop(IEventPublisher publisher, IReadOnlyList<OrderPlaced> orders)
        {
            public async Task RunAsync(CancellationToken cancellationToken)
            {
                {{statement}}
                _ = (publisher, orders);
            }
        }
        """;
}
