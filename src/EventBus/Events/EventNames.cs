using System.Collections.Concurrent;
using System.Reflection;

namespace EventBus.Events;

/// <summary>What is known about event types: their names, their own keys.</summary>
internal sealed class EventNames(Dictionary<Type, EventTypeTraits> traits)
{
    private readonly ConcurrentDictionary<Type, string> _names = new();

    public string Of(Type eventType) => _names.TryGetValue(eventType, out var name) ? name : _names.GetOrAdd(eventType, NameOf);

    /// <summary>The event's own key, if its type or one of its base types was given one.</summary>
    public string? KeyOf(object @event)
    {
        if (traits.Count == 0)
            return null;
        foreach (var (type, trait) in traits)
        {
            if (trait.Key is not null && type.IsInstanceOfType(@event))
                return trait.Key(@event);
        }

        return null;
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

    private static string NameOf(Type type) => type.GetCustomAttribute<EventTypeAttribute>(inherit: false)?.Name ?? type.FullName ?? type.Name;
}

/// <summary>What an application said about an event type.</summary>
/// <param name="Key">Reads the event's own key, as text.</param>
/// <param name="InlineConcurrently">Whether its inline handlers run at the same time.</param>
internal sealed record EventTypeTraits(Func<object, string?>? Key, bool InlineConcurrently);
