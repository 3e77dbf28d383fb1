using EventBus.Storage;
using EventBus.Telemetry.Tests.Support;

namespace EventBus.Telemetry.Tests;

/// <summary>Where events are enriched, spans tell what they carry then.</summary>
public sealed class EnrichmentTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_span_has_the_id_that_an_enricher_gave_and_the_trace_goes_on(bool isScheduled)
    {
        using var exported = Exported.Traces();
        await using var bus = new EventBusBuilder().Named("shop").UseEventLog(new InMemoryEventLog())
            .AddEnricher(new NumberAsId())
            .Handle<OrderPlaced>(static (_, _, _) => default, static s => s.Named("mail").Durable())
            .Build();

        if (isScheduled)
            await bus.ScheduleAsync(new OrderPlaced("7"), TimeSpan.Zero);
        else
            await bus.PublishAsync(new OrderPlaced("7"));
        await bus.WhenSettled();

        Assert.All(exported.Spans, static span => Assert.Equal(("order-7", "order-7"), (span.Tag("messaging.message.id"), span.Tag("messaging.message.conversation_id"))));
        Assert.Equal(exported.Spans.Single(static span => span.ParentId is null).SpanId, exported.One("process order-placed").ParentSpanId);
    }

    private sealed class NumberAsId : IEventEnricher
    {
        public ValueTask EnrichAsync(object @event, EventEnrichment attributes, CancellationToken cancellationToken)
        {
            attributes.Id = $"order-{((OrderPlaced)@event).Number}";
            return default;
        }
    }
}
