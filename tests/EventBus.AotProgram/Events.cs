using System.Text.Json.Serialization;

namespace EventBus.AotProgram;

internal interface IOrderEvent
{
    string Number { get; }
}

[EventType("order-placed")]
internal sealed record OrderPlaced(string Number, decimal Total) : IOrderEvent;

[EventType("order-cancelled")]
internal sealed record OrderCancelled(string Number) : IOrderEvent;

/// <summary>An event that is a struct: the code for it cannot be shared with that of a class, so the compiler must have seen it.</summary>
internal readonly record struct PriceChanged(int Article, decimal Price);

internal sealed record StockReserved(string Number);

/// <summary>An event whose state does not come back from JSON.</summary>
internal sealed class StockCounted
{
    public int Count { get; private set; }
}

/// <summary>An event that <see cref="OrderJson"/> does not know.</summary>
internal sealed record NotInTheContext(string Number);

[JsonSerializable(typeof(OrderPlaced))]
[JsonSerializable(typeof(OrderCancelled))]
[JsonSerializable(typeof(StockCounted))]
internal sealed partial class OrderJson : JsonSerializerContext;
