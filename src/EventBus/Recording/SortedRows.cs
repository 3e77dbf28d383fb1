using System.Collections.Immutable;

namespace EventBus.Recording;

/// <summary>Rows in order, read from any place on: finding the place descends the tree, so a late page costs no more than the first.</summary>
internal static class SortedRows
{
    /// <param name="rows">The rows.</param>
    /// <param name="first">The least row that is wanted; it need not be there.</param>
    public static IEnumerable<T> From<T>(this ImmutableSortedSet<T> rows, T first)
    {
        var found = rows.IndexOf(first);
        for (var index = found < 0 ? ~found : found; index < rows.Count; index++)
            yield return rows[index];
    }

    /// <inheritdoc cref="From{T}(ImmutableSortedSet{T}, T)"/>
    public static IEnumerable<T> From<T>(this ImmutableSortedSet<T>.Builder rows, T first)
    {
        var found = rows.IndexOf(first);
        for (var index = found < 0 ? ~found : found; index < rows.Count; index++)
            yield return rows[index];
    }
}
