using System.Buffers;

namespace EventBus.Storage;

/// <summary>Turns events into bytes for the log, and back.</summary>
/// <remarks>Called from many threads at once. Bytes that were written once must be readable for as long as the log keeps them, by later versions too.
/// The type to read is always the bus's choice, made from its registry of event types; stored bytes must never choose a type.</remarks>
public interface IEventSerializer
{
    /// <summary>Whether events of a type can be written and read, with all types that they hold. Asked when the bus is built.</summary>
    /// <param name="eventType">The event's own type: no base type and no interface.</param>
    /// <param name="reason">Why not, and what to do.</param>
    bool CanSerialize(Type eventType, out string reason);

    /// <summary>Whether all that an event of a type holds comes back when it is read. Asked when the bus is built, for types that can be written and read, unless the type was registered with
    /// <see cref="EventTypeBuilder{TEvent}.StoresPart"/>. Default: yes, as far as the serializer knows; the first event of the type that is stored shows it in any case.</summary>
    /// <param name="eventType">The event's own type: no base type and no interface.</param>
    /// <param name="reason">What would be lost, and what to do.</param>
    bool KeepsAll(Type eventType, out string reason)
    {
        reason = "";
        return true;
    }

    /// <summary>Writes an event.</summary>
    /// <param name="event">The event.</param>
    /// <param name="eventType">Its own type.</param>
    /// <param name="body">Takes the bytes.</param>
    /// <remarks>Whatever it throws means that the event cannot be written: its publisher gets an <see cref="ArgumentException"/> with it inside.</remarks>
    void Serialize(object @event, Type eventType, IBufferWriter<byte> body);

    /// <summary>Reads an event. What it throws makes a dead letter, with the bytes kept.</summary>
    object Deserialize(ReadOnlySpan<byte> body, Type eventType);
}
