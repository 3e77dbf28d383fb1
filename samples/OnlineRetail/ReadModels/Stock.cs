using System.Collections.Concurrent;

namespace OnlineRetail.ReadModels;

/// <summary>What moved in the warehouse, per stock code. Codes are projected at once, one code by one handler at a time.</summary>
public sealed class Stock
{
    private readonly ConcurrentDictionary<string, StockItem> _items = new();

    public IReadOnlyDictionary<string, StockItem> Items => _items;

    public StockItem this[string stockCode] => _items.GetOrAdd(stockCode, static _ => new StockItem());
}

/// <summary>The movements of one stock code in their order. Needs no lock: the bus keeps the events of a code in order, one at a time.</summary>
public sealed class StockItem
{
    private readonly List<StockMovement> _movements = [];

    /// <summary>What left (negative) or came back (positive) in all.</summary>
    public long Change { get; private set; }

    public IReadOnlyList<StockMovement> Movements => _movements;

    public void Move(StockMovement movement)
    {
        _movements.Add(movement);
        Change += movement.Units;
    }
}

/// <summary>One line's effect on the stock.</summary>
public sealed record StockMovement(string InvoiceNo, int Line, int Units);
