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

    /// <summary>The event's own key: the value whose events stay in order, where neither the subscription nor the publisher says otherwise.</summary>
    /// <param name="key">Reads the key; compared as text, formatted without a culture. Null means that the event is in nobody's order.</param>
    public EventTypeBuilder<TEvent> Key(Func<TEvent, object?> key)
    {
        ArgumentNullException.ThrowIfNull(key);
        KeyText = @event => key((TEvent)@event) is { } value ? Convert.ToString(value, CultureInfo.InvariantCulture) : null;
        return this;
    }

    /// <summary>Runs the inline handlers of this event at the same time instead of one after the other. All are awaited.</summary>
    public EventTypeBuilder<TEvent> InlineConcurrently()
    {
        RunsInlineConcurrently = true;
        return this;
    }
}
