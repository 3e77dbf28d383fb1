using System.Text.Json.Serialization;
using Shop.Web.Operations;
using Shop.Web.Orders;
using Shop.Web.ReadModels;

namespace Shop.Web;

/// <summary>How events are written to the log, and answers to the network: contracts that the compiler makes, without reflection.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(OrderPlaced))]
[JsonSerializable(typeof(PaymentTaken))]
[JsonSerializable(typeof(OrderRequest))]
[JsonSerializable(typeof(OrderAccepted))]
[JsonSerializable(typeof(OrderState))]
[JsonSerializable(typeof(Sales))]
[JsonSerializable(typeof(IReadOnlyList<Sales>))]
[JsonSerializable(typeof(TillReport))]
[JsonSerializable(typeof(IReadOnlyList<LetterView>))]
[JsonSerializable(typeof(HealthView))]
public sealed partial class ShopJson : JsonSerializerContext;
