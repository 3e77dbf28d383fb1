using Check = EventBus.Analyzers.Tests.Support.Check<EventBus.Analyzers.Registration.UnknownToJsonAnalyzer>;

namespace EventBus.Analyzers.Tests.Registration;

public sealed class UnknownToJsonTests
{
    [Theory]
    [InlineData("bus.UseJson(ShopJson.Default).AddHandler<OrderPaid, ShipOrder>(s => {|EB0006:s.Named(\"ship\").Durable()|});")]
    [InlineData("bus.UseJson(ShopJson.Default); bus.Handle<OrderPaid>((paid, context, token) => default, s => {|EB0006:s.Named(\"ship\").Durable()|});")]
    [InlineData("new EventBusBuilder().UseJson(ShopJson.Default).AddHandler(new ShipOrder(), s => s.Named(\"all\")).Handle<OrderPaid>((paid, context, token) => default, s => {|EB0006:s.Named(\"ship\").Durable()|});")]
    [InlineData("new ServiceCollection().AddEventBus(mine => { mine.UseJson(ShopJson.Default); mine.AddHandler<OrderPaid, ShipOrder>(s => {|EB0006:s.Named(\"ship\").Durable()|}); });")]
    [InlineData("bus.UseJson(ShopJson.Default).AddSubscription<ShipOrder>(\"ship\", s => {|EB0006:s.Durable()|}.On<OrderPlaced>().On<OrderPaid>());")]
    public Task A_durable_event_that_the_context_does_not_know_is_found(string statement) => Check.FindsAsync(In(statement));

    [Theory]
    [InlineData("bus.UseJson(ShopJson.Default).AddHandler<OrderPlaced, ShipOrder>(s => s.Named(\"ship\").Durable());")]
    [InlineData("bus.UseJson(ShopJson.Default).AddHandler<OrderPaid, ShipOrder>();")]
    [InlineData("bus.UseJson(ShopJson.Default).AddHandler<OrderLine, ShipOrder>(s => s.Named(\"lines\").Durable());")]
    [InlineData("bus.UseJson(ShopJson.Default).AddHandler<OrderInList, ShipOrder>(s => s.Named(\"lists\").Durable());")]
    [InlineData("bus.UseJson(ShopJson.Default).AddHandler<Derived, ShipOrder>(s => s.Named(\"derived\").Durable());")]
    [InlineData("bus.UseJson(ShopJson.Default).AddHandler<IOrderEvent, ShipOrder>(s => s.Named(\"all\").Durable());")]
    [InlineData("bus.AddHandler<OrderPaid, ShipOrder>(s => s.Named(\"ship\").Durable());")]
    [InlineData("bus.UseJson(any).AddHandler<OrderPaid, ShipOrder>(s => s.Named(\"ship\").Durable());")]
    [InlineData("bus.UseJson(ShopJson.Default).UseJson(MoreJson.Default).AddHandler<OrderPaid, ShipOrder>(s => s.Named(\"ship\").Durable());")]
    [InlineData("bus.UseJson(ShopJson.Default).UseSerializer(new EventBus.Storage.JsonEventSerializer()).AddHandler<OrderPaid, ShipOrder>(s => s.Named(\"ship\").Durable());")]
    [InlineData("bus.UseJson(ShopJson.Default).AddHandler<OrderPaid, ShipOrder>(s => s.Named(\"ship\").Durable().Inline());")]
    [InlineData("bus.UseJson(ShopJson.Default); new EventBusBuilder().AddHandler<OrderPaid>(new ShipOrder(), s => s.Named(\"ship\").Durable());")]
    [InlineData("services.AddEventBus(one => one.UseJson(ShopJson.Default)); services.AddEventBus(two => two.AddHandler<OrderPaid, ShipOrder>(s => s.Named(\"ship\").Durable()));")]
    public Task What_is_known_or_not_stored_is_as_it_should_be(string statement) => Check.FindsNothingAsync(In(statement));

    internal static string In(string statement, string contract = "[JsonSerializable(typeof(OrderPlaced))]") => $$"""
        using System.Text.Json;
        using System.Text.Json.Serialization;
        using System.Text.Json.Serialization.Metadata;

        public interface IOrderEvent;
        public sealed record OrderLine(string Code);
        public sealed record Order(OrderLine[] Lines);
        public sealed record OrderInList(string Number);

        [JsonDerivedType(typeof(Derived))]
        public class General;

        public class Derived : General;

        public class ShipOrder : IEventHandler<object>
        {
            public ValueTask HandleAsync(object order, EventContext context, CancellationToken cancellationToken) => default;
        }

        [JsonSerializable(typeof(Order))]
        [JsonSerializable(typeof(List<OrderInList>))]
        [JsonSerializable(typeof(General))]
        {{contract}}
        public class ShopJson() : JsonSerializerContext(null)
        {
            public static ShopJson Default { get; } = new();
            protected override JsonSerializerOptions? GeneratedSerializerOptions => null;
            public override JsonTypeInfo? GetTypeInfo(Type type) => null;
        }

        [JsonSerializable(typeof(OrderPaid))]
        public class MoreJson() : JsonSerializerContext(null)
        {
            public static MoreJson Default { get; } = new();
            protected override JsonSerializerOptions? GeneratedSerializerOptions => null;
            public override JsonTypeInfo? GetTypeInfo(Type type) => null;
        }

        static class Setup
        {
            static void Add(EventBusBuilder bus, JsonSerializerContext any, IServiceCollection services)
            {
                {{statement}}
            }
        }
        """;
}
