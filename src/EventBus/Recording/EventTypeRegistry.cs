using System.Diagnostics.CodeAnalysis;
using EventBus.Events;
using EventBus.Storage;

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

    public bool TryGet(string name, [NotNullWhen(true)] out StoredEventType? stored) =>
        _byName.TryGetValue(name, out stored) || (TypeNames.FromLongForm(name) is { } now && _byName.TryGetValue(now, out stored));

    /// <summary>Every name under which events that one of these types gets may be stored; nothing where other names may come to be among them, as
    /// with a base type, or with a generic one, which had names with the version of an assembly.</summary>
    public IReadOnlyList<string>? NamesFor(IReadOnlyList<Type> subscribed)
    {
        if (!subscribed.All(static type => type.IsSealed || type.IsValueType))
            return null;
        List<string> names = [.. subscribed.SelectMany(type => _byType.TryGetValue(type, out var stored) ? stored.Names : [])];
        return names.Exists(TypeNames.HasLongForm) ? null : names;
    }

    /// <summary>Tells which other stored names stand for a record's type; nothing where none does, or where no second event of it is looked for.</summary>
    public Func<string, bool>? OthersOf(LogRecord record) => record.IsIdGiven ? OthersOf(record.Type) : null;

    /// <inheritdoc cref="OthersOf(LogRecord)"/>
    public Func<string, bool>? OthersOf(string name) => TryGet(name, out var stored) ? stored.Others : null;
}

/// <summary>An event type as it stands in the log.</summary>
/// <param name="Type">The .NET type.</param>
/// <param name="Name">The name that new events get.</param>
/// <param name="Version">The version of its shape.</param>
/// <param name="Aliases">Names that it had before.</param>
internal sealed record StoredEventType(Type Type, string Name, int Version, IReadOnlyList<string> Aliases)
{
    /// <summary>Whether it is meant that not all of an event comes back.</summary>
    public bool StoresPart { get; init; }

    /// <summary>Whether an event of it was written, read and written again, and was the same.</summary>
    public bool IsProven { get; set; }

    public IEnumerable<string> Names => Aliases.Prepend(Name);

    /// <summary>Tells of a stored name that is not <see cref="Name"/> whether it stands for this type; nothing where none does.</summary>
    public Func<string, bool>? Others { get; } = Aliases.Count > 0 || TypeNames.HasLongForm(Name) ? other => IsOther(other, Name, Aliases) : null;

    private static bool IsOther(string other, string name, IReadOnlyList<string> aliases) =>
        aliases.Contains(other) || (TypeNames.FromLongForm(other) is { } now && (now == name || aliases.Contains(now)));
}
