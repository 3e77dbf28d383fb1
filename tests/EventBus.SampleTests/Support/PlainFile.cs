using System.Globalization;

namespace EventBus.SampleTests.Support;

/// <summary>The shop's file read a second time, by code that shares nothing with the sample's.</summary>
internal static class PlainFile
{
    public static IReadOnlyList<PlainRow> Rows { get; } =
        [.. File.ReadLines(Path.Combine(AppContext.BaseDirectory, "data", "online-retail-2010-12.csv")).Skip(1).Select(Row)];

    private static PlainRow Row(string line)
    {
        // Text in quotes may hold commas: only every other piece between quotes is outside them.
        var pieces = line.Split('"').Select((piece, index) => index % 2 == 0 ? piece.Replace(',', '|') : piece);
        var fields = string.Concat(pieces).Split('|');
        Assert.Equal(8, fields.Length);
        var price = decimal.Parse(fields[5], CultureInfo.InvariantCulture);
        return new PlainRow(
            fields[0],
            fields[1],
            int.Parse(fields[3], CultureInfo.InvariantCulture),
            int.Parse(fields[4].Split(' ')[1].Split(':')[0], CultureInfo.InvariantCulture),
            price,
            fields[6],
            fields[7]);
    }
}

internal sealed record PlainRow(string Invoice, string Stock, int Quantity, int Hour, decimal Price, string Customer, string Country)
{
    public bool IsCancellation => Invoice[0] == 'C';

    public decimal Amount => Quantity * Price;
}
