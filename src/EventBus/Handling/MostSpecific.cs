namespace EventBus.Handling;

/// <summary>Chooses among registrations of a type and its base types.</summary>
internal static class MostSpecific
{
    /// <summary>The value of the type that <paramref name="runtimeType"/> is, with no other of its types being derived from it;
    /// where two are equally close, the one registered first.</summary>
    public static TValue Of<TValue>(Type runtimeType, IEnumerable<KeyValuePair<Type, TValue>> byType)
    {
        KeyValuePair<Type, TValue>? best = null;
        foreach (var candidate in byType)
        {
            if (candidate.Key.IsAssignableFrom(runtimeType) && (best is null || (best.Value.Key != candidate.Key && best.Value.Key.IsAssignableFrom(candidate.Key))))
                best = candidate;
        }

        return best!.Value.Value;
    }
}
