using System.Globalization;

namespace EventBus;

/// <summary>Tells the bus something about an event type, for all its subscriptions.</summary>
/// <typeparam name="TEvent">The event type; what is said of a base type or an interface holds for every event of it.</typeparam>
public sealed class EventTypeBuilder<TEvent>
    where TEvent : notnull
{
    internal EventTypeBuilder()
    {
    }

    internal Func<object, string?>? KeyText { get; private set; }

    internal bool RunsInlineConcurrently { get; private set; }

    internal string? StoredName { get; private set; }

    internal int Version { get; private set; } = 1;

    internal List<string> Aliases { get; } = [];

    internal bool IsLogged { get; private set; }

    /// <summary>The event's own key: the value whose events stay in order, where neither the subscription nor the publisher says otherwise.</summary>
    /// <param name="key">Reads the key; compared as text, formatted without a culture. Null means that the event is in nobody's order.</param>
    public EventTypeBuilder<TEvent> Key(Func<TEvent, object?> key)
    {
        ArgumentNullException.ThrowIfNull(key);
        KeyText = @event => key((TEvent)@event) is { } value ? Convert.ToString(value, CultureInfo.InvariantCulture) : null;
        return this;
    }

    /// <summary>The name and version under which the event is stored, instead of those of <see cref="EventTypeAttribute"/> or of the .NET name.</summary>
    /// <param name="name">The name; not empty.</param>
    /// <param name="version">The version of the event's shape; at least 1.</param>
    public EventTypeBuilder<TEvent> Named(string name, int version = 1)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentOutOfRangeException.ThrowIfLessThan(version, 1);
        StoredName = name;
        Version = version;
        return this;
    }

    /// <summary>A name that the event type had before: what is stored under it is read as this type. Several calls add up.</summary>
    public EventTypeBuilder<TEvent> Alias(string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        Aliases.Add(name);
        return this;
    }

    /// <summary>Writes every event of this type to the event log, even where no durable subscription gets it: to be read or replayed later.</summary>
    public EventTypeBuilder<TEvent> Logged()
    {
        IsLogged = true;
        return this;
    }

    /// <summary>Runs the inline handlers of this event at the same time instead of one after the other. All are awaited.</summary>
    public EventTypeBuilder<TEvent> InlineConcurrently()
    {
        RunsInlineConcurrently = true;
        return this;
    }
}
