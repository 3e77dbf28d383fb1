using System.Globalization;

namespace OnlineRetail.Reporting;

/// <summary>Pounds and pence as text.</summary>
public static class Money
{
    public static string Text(decimal pounds) =>
        pounds.ToString("£#,##0.00##;-£#,##0.00##", CultureInfo.InvariantCulture);
}
