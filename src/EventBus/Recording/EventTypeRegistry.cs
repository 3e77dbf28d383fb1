using System.Diagnostics.CodeAnalysis;

namespace EventBus.Recording;

/// <summary>Which stored names stand for which event types. Only what is in here is ever read: stored bytes choose no type.</summary>
internal sealed class EventTypeRegistry
{
    private readonly Dictionary<Type, StoredEventType> _byType = [];
    private readonly Dictionary<string, StoredEventType> _byName = new(StringComparer.Ordinal);

    public IReadOnlyCollection<Type> Types => _byType.Keys;

    /// <returns>What is wrong with it, if something is.</returns>
    public string? Add(StoredEventType type)
    {
        _byType[type.Type] = type;
        foreach (var name in type.Names)
        {
            if (!_byName.TryAdd(name, type) && _byName[name].Type != type.Type)
                return $"Event types '{_byName[name].Type.FullName}' and '{type.Type.FullName}' have the same stored name, '{name}'. Give one of them another with [EventType(\"...\")] or AddEvent<{type.Type.Name}>(e => e.Named(\"...\")).";
        }

        return null;
    }

    public bool TryGet(Type type, [NotNullWhen(true)] out StoredEventType? stored) => _byType.TryGetValue(type, out stored);

    public bool TryGet(string name, [NotNullWhen(true)] out StoredEventType? stored) => _byName.TryGetValue(name, out stored);

    /// <summary>Every name under which events that one of these types gets may be stored; nothing where other names may come to be among them, as
    /// with a base type.</summary>
    public IReadOnlyList<string>? NamesFor(IReadOnlyList<Type> subscribed) =>
        subscribed.All(static type => type.IsSealed || type.IsValueType)
            ? [.. subscribed.SelectMany(type => _byType.TryGetValue(type, out var stored) ? stored.Names : [])]
            : null;
}

/// <summary>An event type as it stands in the log.</summary>
/// <param name="Type">The .NET type.</param>
/// <param name="Name">The name that new events get.</param>
/// <param name="Version">The version of its shape.</param>
/// <param name="Aliases">Names that it had before.</param>
internal sealed record StoredEventType(Type Type, string Name, int Version, IReadOnlyList<string> Aliases)
{
    public IEnumerable<string> Names => Aliases.Prepend(Name);
}
