using Check = EventBus.Analyzers.Tests.Support.Check<EventBus.Analyzers.Events.ChangeableEventAnalyzer>;

namespace EventBus.Analyzers.Tests.Events;

public sealed class ChangeableEventTests
{
    [Theory]
    [InlineData("public class Sold { public string Number { get; set; } = \"\"; }")]
    [InlineData("public record Sold { public string Number { get; set; } = \"\"; }")]
    [InlineData("public class Sold { public string Number = \"\"; }")]
    [InlineData("public class Base { public int Count { get; set; } } public class Sold : Base;")]
    public Task An_event_that_can_be_changed_is_found_where_it_is_handled(string declaration) => Check.FindsAsync($$"""
        {{declaration}}

        class {|EB0005:Handler|} : IEventHandler<Sold>
        {
            public ValueTask HandleAsync(Sold sold, EventContext context, CancellationToken cancellationToken) => default;
        }

        static class Setup
        {
            static void Add(EventBusBuilder bus) => bus.{|EB0005:Handle<Sold>|}((sold, context, cancellationToken) => default);

            static void Add(IEventBus bus) => bus.{|EB0005:Subscribe<Sold>|}((sold, context, cancellationToken) => default);
        }
        """);

    [Fact]
    public Task An_event_that_can_be_changed_is_found_where_it_is_published() => Check.FindsAsync("""
        public class Sold { public string Number { get; set; } = ""; }

        static class Shop
        {
            static async Task Sell(IEventPublisher publisher, Sold sold)
            {
                await publisher.PublishAsync({|EB0005:sold|});
                await publisher.PublishAsync<object>({|EB0005:sold|});
                await publisher.ScheduleAsync({|EB0005:new Sold { Number = "1" }|}, TimeSpan.FromDays(1));
            }
        }
        """);

    [Theory]
    [InlineData("public record Sold(string Number);")]
    [InlineData("public class Sold { public string Number { get; init; } = \"\"; }")]
    [InlineData("public class Sold { public required string Number { get; init; } public List<string> Lines { get; init; } = []; }")]
    [InlineData("public class Sold { public string Number { get; private set; } = \"\"; internal int Count { get; set; } }")]
    [InlineData("public class Sold { public readonly string Number = \"\"; public const int Size = 1; public static int Count { get; set; } }")]
    [InlineData("public record struct Sold(string Number);")]
    [InlineData("public struct Sold { public string Number; }")]
    [InlineData("public interface Sold { string Number { get; } }")]
    [InlineData("public class Sold : Exception;")]
    public Task What_cannot_be_changed_is_as_it_should_be(string declaration) => Check.FindsNothingAsync($$"""
        {{declaration}}

        class Handler : IEventHandler<Sold>
        {
            public ValueTask HandleAsync(Sold sold, EventContext context, CancellationToken cancellationToken) => context.Publisher.PublishAsync(sold, cancellationToken);
        }
        """);

    [Fact]
    public Task What_nobody_publishes_or_handles_is_no_event() => Check.FindsNothingAsync("""
        public class Draft { public string Number { get; set; } = ""; }

        class Handler : IEventHandler<OrderPlaced>
        {
            public ValueTask HandleAsync(OrderPlaced order, EventContext context, CancellationToken cancellationToken)
            {
                _ = new Draft { Number = order.Number };
                return default;
            }
        }
        """);
}
