namespace EventBus;

/// <summary>The stored name and version of an event type, independent of its .NET name.</summary>
/// <param name="name">The name, for example <c>order-placed</c>.</param>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Struct | AttributeTargets.Interface, Inherited = false)]
public sealed class EventTypeAttribute(string name) : Attribute
{
    /// <summary>The name.</summary>
    public string Name { get; } = name;

    /// <summary>The version of the event's shape, from 1.</summary>
    public int Version { get; init; } = 1;

    /// <summary>Names that the event type had before: what is stored under them is read as this type.</summary>
    public string[] Aliases { get; init; } = [];
}
