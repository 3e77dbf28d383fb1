using System.Text.Json.Serialization.Metadata;
using EventBus;

namespace OnlineRetail.Durable;

/// <summary>Remembers which events a read model has taken in.</summary>
public interface IAppliedEvents
{
    /// <returns>Whether the event is new to the read model.</returns>
    bool TryAdd<TEvent>(string model, EventContext context, TEvent @event, JsonTypeInfo<TEvent> json);
}

/// <summary>For a shop in memory, where an event is delivered once and the read models are gone with the process.</summary>
public sealed class NothingApplied : IAppliedEvents
{
    public bool TryAdd<TEvent>(string model, EventContext context, TEvent @event, JsonTypeInfo<TEvent> json) => true;
}
