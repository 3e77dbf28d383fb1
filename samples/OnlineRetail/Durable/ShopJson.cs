using System.Text.Json.Serialization;
using OnlineRetail.Events;

namespace OnlineRetail.Durable;

/// <summary>How the shop's events are written down: contracts that the compiler makes, without reflection.</summary>
[JsonSerializable(typeof(LineSold))]
[JsonSerializable(typeof(LineCancelled))]
[JsonSerializable(typeof(InvoiceClosed))]
public sealed partial class ShopJson : JsonSerializerContext;
