namespace OnlineRetail.Reading;

/// <summary>A row that cannot be read.</summary>
/// <param name="Row">The row's line in the file; the header is row 1.</param>
/// <param name="Column">The column, or null where the row as a whole is wrong.</param>
/// <param name="Expected">What should have been there.</param>
/// <param name="Found">What was there.</param>
public sealed record BadRow(int Row, string? Column, string Expected, string Found)
{
    public override string ToString() =>
        $"row {Row}{(Column is null ? "" : $", column {Column}")}: expected {Expected}, found {Found}";
}
