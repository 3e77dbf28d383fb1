using System.Collections.Concurrent;
using System.Reflection;

namespace EventBus.Events;

/// <summary>What is known about event types: their names, their own keys.</summary>
internal sealed class EventNames(Dictionary<Type, EventTypeTraits> traits)
{
    private readonly ConcurrentDictionary<Type, string> _names = new();
    private readonly ConcurrentDictionary<Type, Func<object, string?>?> _keys = new();

    public string Of(Type eventType) => _names.TryGetValue(eventType, out var name) ? name : _names.GetOrAdd(eventType, NameOf);

    /// <summary>The event's own key, if its type or one of its base types was given one; of several, that of the most derived.</summary>
    public string? KeyOf(object @event)
    {
        if (traits.Count == 0)
            return null;
        var type = @event.GetType();
        return (_keys.TryGetValue(type, out var key) ? key : _keys.GetOrAdd(type, FindKey))?.Invoke(@event);
    }

    /// <summary>Whether events of one of these types, or of one derived from it, may have a key of their own.</summary>
    public bool MayHaveKey(Type[] eventTypes)
    {
        foreach (var (type, trait) in traits)
        {
            if (trait.Key is not null && Array.Exists(eventTypes, eventType => type.IsAssignableFrom(eventType) || eventType.IsAssignableFrom(type)))
                return true;
        }

        return false;
    }

    public bool IsInlineConcurrent(Type eventType)
    {
        foreach (var (type, trait) in traits)
        {
            if (trait.InlineConcurrently && type.IsAssignableFrom(eventType))
                return true;
        }

        return false;
    }

    /// <summary>Whether events of the type go into the log although no durable subscription gets them.</summary>
    public bool IsLogged(Type eventType)
    {
        foreach (var (type, trait) in traits)
        {
            if (trait.IsLogged && type.IsAssignableFrom(eventType))
                return true;
        }

        return false;
    }

    /// <summary>Whether it is meant that not all of an event comes back from storage.</summary>
    public bool StoresPart(Type eventType)
    {
        foreach (var (type, trait) in traits)
        {
            if (trait.StoresPart && type.IsAssignableFrom(eventType))
                return true;
        }

        return false;
    }

    public int VersionOf(Type type) =>
        traits.TryGetValue(type, out var trait) && trait.StoredName is not null ? trait.Version : type.GetCustomAttribute<EventTypeAttribute>(inherit: false)?.Version ?? 1;

    public IReadOnlyList<string> AliasesOf(Type type) =>
        [.. (traits.GetValueOrDefault(type)?.Aliases ?? []), .. (type.GetCustomAttribute<EventTypeAttribute>(inherit: false)?.Aliases ?? [])];

    /// <summary>The name of a type of which no bus knows more than the type itself tells.</summary>
    public static string OfAttribute(Type type) => type.GetCustomAttribute<EventTypeAttribute>(inherit: false)?.Name ?? TypeNames.Of(type);

    private Func<object, string?>? FindKey(Type eventType)
    {
        var keyed = traits.Where(trait => trait.Value.Key is not null && trait.Key.IsAssignableFrom(eventType)).ToList();
        return keyed.Find(general => !keyed.Exists(special => special.Key != general.Key && general.Key.IsAssignableFrom(special.Key))).Value?.Key;
    }

    private string NameOf(Type type) =>
        traits.GetValueOrDefault(type)?.StoredName ?? OfAttribute(type);
}

/// <summary>What an application said about an event type.</summary>
/// <param name="Key">Reads the event's own key, as text.</param>
/// <param name="InlineConcurrently">Whether its inline handlers run at the same time.</param>
internal sealed record EventTypeTraits(Func<object, string?>? Key, bool InlineConcurrently)
{
    /// <summary>Its name, where code gives it one.</summary>
    public string? StoredName { get; init; }

    /// <summary>The version of its shape, where code gives it a name.</summary>
    public int Version { get; init; } = 1;

    /// <summary>Names that it had before.</summary>
    public IReadOnlyList<string> Aliases { get; init; } = [];

    /// <summary>Whether its events go into the log even where no durable subscription gets them.</summary>
    public bool IsLogged { get; init; }

    /// <summary>Whether it is meant that not all of an event comes back from storage.</summary>
    public bool StoresPart { get; init; }
}
