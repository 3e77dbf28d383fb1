using OnlineRetail.Events;

namespace OnlineRetail.ReadModels;

/// <summary>What the shop earned: in all, per country and per hour of the day.</summary>
/// <remarks>Written by a subscription of concurrency 1 and read when the bus has stopped, so it needs no lock.</remarks>
public sealed class Revenue
{
    public RevenueFigures Total { get; private set; } = new();

    public SortedDictionary<string, RevenueFigures> ByCountry { get; } = new(StringComparer.Ordinal);

    public SortedDictionary<int, RevenueFigures> ByHour { get; } = [];

    public void Add(LineSold line) => Each(line, figures => figures.Add(line));

    public void Add(LineCancelled line) => Each(line, figures => figures.Add(line));

    public void Clear()
    {
        Total = new();
        ByCountry.Clear();
        ByHour.Clear();
    }

    private void Each(IInvoiceLine line, Action<RevenueFigures> add)
    {
        add(Total);
        add(Of(ByCountry, line.Country));
        add(Of(ByHour, line.Time.Hour));
    }

    private static RevenueFigures Of<TKey>(SortedDictionary<TKey, RevenueFigures> figures, TKey key)
        where TKey : notnull
    {
        if (!figures.TryGetValue(key, out var found))
            figures.Add(key, found = new RevenueFigures());
        return found;
    }
}
