using System.Text.Json.Serialization;

namespace EventBus.Benchmarks.Durable;

/// <summary>An event of a usual size: some 130 bytes of JSON.</summary>
internal sealed record OrderLine(string Invoice, string StockCode, string Description, int Quantity, decimal Price, string Country)
{
    public static readonly OrderLine Instance = new("536365", "85123A", "WHITE HANGING HEART T-LIGHT HOLDER", 6, 2.55m, "United Kingdom");
}

[JsonSerializable(typeof(OrderLine))]
internal sealed partial class OrderJson : JsonSerializerContext;
