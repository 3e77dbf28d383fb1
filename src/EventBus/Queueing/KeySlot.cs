namespace EventBus.Queueing;

/// <summary>An event's key, if it has one, and the key's hash.</summary>
internal readonly record struct KeySlot<TKey>(bool IsKeyed, TKey Key, int Hash);
