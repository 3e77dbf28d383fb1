using Check = EventBus.Analyzers.Tests.Support.CheckWithFix<EventBus.Analyzers.Registration.UnknownToJsonAnalyzer, EventBus.CodeFixes.JsonContractFix>;

namespace EventBus.Analyzers.Tests.Registration;

public sealed class UnknownToJsonFixTests
{
    [Fact]
    public Task The_event_is_added_to_the_context() => Check.FixesAsync(
        UnknownToJsonTests.In("bus.UseJson(ShopJson.Default).AddHandler<OrderPaid, ShipOrder>(s => {|EB0006:s.Named(\"ship\").Durable()|});"),
        UnknownToJsonTests.In("bus.UseJson(ShopJson.Default).AddHandler<OrderPaid, ShipOrder>(s => s.Named(\"ship\").Durable());", """
            [JsonSerializable(typeof(OrderPlaced))]
            [JsonSerializable(typeof(OrderPaid))]
            """));
}
