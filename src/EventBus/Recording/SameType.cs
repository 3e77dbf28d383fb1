namespace EventBus.Recording;

/// <summary>Whether two stored names stand for one event type.</summary>
internal static class SameType
{
    /// <param name="type">A stored name.</param>
    /// <param name="stored">The other, as it is found.</param>
    /// <param name="isSameType">Tells it of a name that is not the same.</param>
    public static bool Is(string type, string stored, Func<string, bool>? isSameType) => stored == type || isSameType?.Invoke(stored) == true;
}
