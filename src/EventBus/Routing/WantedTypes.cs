using System.Collections.Concurrent;

namespace EventBus.Routing;

/// <summary>Which runtime types a subscription to some types gets. Remembered: it is asked for every event of the log.</summary>
internal sealed class WantedTypes(Type[] eventTypes)
{
    private readonly ConcurrentDictionary<Type, bool> _known = new();

    public bool Contains(Type runtimeType) =>
        _known.TryGetValue(runtimeType, out var wanted) ? wanted : _known.GetOrAdd(runtimeType, Array.Exists(eventTypes, type => type.IsAssignableFrom(runtimeType)));
}
