using EventBus.Analyzers.Publishing;
using EventBus.Analyzers.Tests.Support;
using EventBus.CodeFixes;

namespace EventBus.Analyzers.Tests.Publishing;

public sealed class PublishedValueFixTests
{
    [Theory]
    [InlineData("await publisher.PublishAsync({|EB0007:LoadAsync()|});", "await publisher.PublishAsync(await LoadAsync());")]
    [InlineData("await publisher.PublishAsync({|EB0007:LoadAsync()|}, cancellationToken);", "await publisher.PublishAsync(await LoadAsync(), cancellationToken);")]
    [InlineData("await publisher.PublishAsync({|EB0007:known ?? LoadAsync()|});", "await publisher.PublishAsync(await (known ?? LoadAsync()));")]
    [InlineData("await publisher.PublishAsync({|EB0007:known is null ? LoadAsync() : known|});", "await publisher.PublishAsync(await (known is null ? LoadAsync() : known));")]
    public Task A_task_is_awaited_and_its_result_published(string statement, string expected) => CheckWithFix<PublishedValueAnalyzer, AwaitFix>.FixesAsync(In(statement), In(expected));

    [Theory]
    [InlineData("await publisher.PublishAsync({|EB0007:Task.CompletedTask|});")]
    [InlineData("await publisher.PublishManyAsync({|EB0007:new[] { LoadAsync() }|});")]
    public Task A_task_without_one_result_has_no_fix(string statement) => CheckWithFix<PublishedValueAnalyzer, AwaitFix>.OffersNothingAsync(In(statement));

    [Theory]
    [InlineData("await publisher.PublishAsync({|EB0008:orders|});", "await publisher.PublishManyAsync(orders);")]
    [InlineData("await publisher.PublishAsync({|EB0008:new OrderPlaced[0]|}, cancellationToken);", "await publisher.PublishManyAsync(new OrderPlaced[0], cancellationToken: cancellationToken);")]
    [InlineData("await publisher.PublishAsync({|EB0008:orders|}, new PublishOptions(), cancellationToken);", "await publisher.PublishManyAsync(orders, new PublishOptions(), cancellationToken);")]
    [InlineData("await publisher.PublishAsync(@event: {|EB0008:orders|}, options: null);", "await publisher.PublishManyAsync(events: orders, options: null);")]
    public Task A_list_is_published_element_by_element(string statement, string expected) => CheckWithFix<PublishedValueAnalyzer, PublishManyFix>.FixesAsync(In(statement), In(expected));

    [Theory]
    [InlineData("await publisher.PublishAsync({|EB0008:orders.Where(order => order.Number.Length > 0)|});")]
    [InlineData("await publisher.ScheduleAsync({|EB0008:orders|}, TimeSpan.FromDays(1));")]
    public Task What_PublishManyAsync_does_not_take_has_no_fix(string statement) => CheckWithFix<PublishedValueAnalyzer, PublishManyFix>.OffersNothingAsync(In(statement));

    private static string In(string statement) => $$"""
        class Shop(IEventPublisher publisher, IReadOnlyList<OrderPlaced> orders)
        {
            public async Task RunAsync(Task<OrderPlaced>? known, CancellationToken cancellationToken)
            {
                {{statement}}
                _ = orders;
            }

            private static Task<OrderPlaced> LoadAsync() => Task.FromResult(new OrderPlaced("1"));
        }
        """;
}
