using System.Globalization;
using EventBus.Storage;
using EventBus.Telemetry.Tests.Support;

namespace EventBus.Telemetry.Tests;

public sealed class PrivacyTests
{
    private const string Card = "4111-1111-1111-1111";

    [Fact]
    public async Task Nothing_that_is_exported_has_anything_of_an_events_body_key_or_headers()
    {
        using var exported = Exported.Both();
        await using var bus = new EventBusBuilder().Named("shop").UseEventLog(new InMemoryEventLog())
            .Handle<OrderPlaced>(static (order, _, _) => throw new DoNotRetryException($"Card {order.Card} was declined."), static s => s.Named("payment").Durable().OrderedBy(static order => order.Card))
            .Handle<OrderPlaced>(static (order, _, _) => throw new InvalidOperationException(order.Card), static s => s.Named("check").Inline())
            .Build();
        var options = new PublishOptions { Key = Card, Headers = new Dictionary<string, string> { ["card"] = Card } };

        await Assert.ThrowsAsync<InvalidOperationException>(async () => await bus.PublishAsync(new OrderPlaced("1", Card), options));
        await bus.WhenSettled();

        Assert.Equal(3, exported.Spans.Count);
        foreach (var span in exported.Spans)
        {
            Assert.DoesNotContain(Card, string.Join(' ', span.TagObjects.Select(static tag => Convert.ToString(tag.Value, CultureInfo.InvariantCulture))), StringComparison.Ordinal);
            Assert.DoesNotContain(Card, $"{span.DisplayName} {span.OperationName} {span.StatusDescription} {span.TraceStateString} {string.Join(' ', span.Baggage)}", StringComparison.Ordinal);
            Assert.Empty(span.Events);
        }

        Assert.All(exported.Collect().SelectMany(static point => point.Tags.Values), static value => Assert.DoesNotContain(Card, value, StringComparison.Ordinal));
    }
}
