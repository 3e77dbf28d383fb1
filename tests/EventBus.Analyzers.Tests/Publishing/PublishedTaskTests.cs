using Check = EventBus.Analyzers.Tests.Support.Check<EventBus.Analyzers.Publishing.PublishedValueAnalyzer>;

namespace EventBus.Analyzers.Tests.Publishing;

public sealed class PublishedTaskTests
{
    [Theory]
    [InlineData("await publisher.PublishAsync({|EB0007:LoadAsync()|});")]
    [InlineData("await publisher.PublishAsync({|EB0007:LoadSoonAsync()|}, cancellationToken);")]
    [InlineData("await publisher.PublishAsync({|EB0007:Task.CompletedTask|});")]
    [InlineData("await publisher.PublishAsync<object>({|EB0007:LoadAsync()|});")]
    [InlineData("await publisher.ScheduleAsync({|EB0007:LoadAsync()|}, TimeSpan.FromDays(1));")]
    [InlineData("await publisher.PublishManyAsync({|EB0007:new[] { LoadAsync() }|});")]
    [InlineData("await bus.PublishAsync({|EB0007:LoadAsync()|});")]
    public Task A_task_that_is_published_is_found(string statement) => Check.FindsAsync(In(statement));

    [Theory]
    [InlineData("await publisher.PublishAsync(await LoadAsync());")]
    [InlineData("await publisher.PublishAsync(await LoadSoonAsync(), new PublishOptions { Key = \"1\" });")]
    [InlineData("await publisher.PublishManyAsync(await Task.WhenAll(LoadAsync(), LoadAsync()));")]
    public Task Its_result_is_as_it_should_be(string statement) => Check.FindsNothingAsync(In(statement));

    private static string In(string statement) => $$"""
        class Shop(IEventPublisher publisher, IEventBus bus)
        {
            public async Task RunAsync(CancellationToken cancellationToken)
            {
                {{statement}}
                _ = (publisher, bus);
            }

            private static Task<OrderPlaced> LoadAsync() => Task.FromResult(new OrderPlaced("1"));

            private static ValueTask<OrderPlaced> LoadSoonAsync() => new(new OrderPlaced("1"));
        }
        """;
}
