using System.Collections.Concurrent;
using OnlineRetail.Events;

namespace OnlineRetail.ReadModels;

/// <summary>What moved in the warehouse, per stock code. Codes are projected at once, one code by one handler at a time.</summary>
public sealed class Stock
{
    private readonly ConcurrentDictionary<string, StockItem> _items = new();

    public IReadOnlyDictionary<string, StockItem> Items => _items;

    /// <summary>Takes in a line: what was sold leaves the warehouse.</summary>
    public StockItem Move(IInvoiceLine line)
    {
        var item = _items.GetOrAdd(line.StockCode, static _ => new StockItem());
        item.Move(new StockMovement(line.InvoiceNo, line.Number, -line.Quantity));
        return item;
    }

    public void Clear() => _items.Clear();
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
