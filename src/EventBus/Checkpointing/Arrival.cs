using EventBus.Events;

namespace EventBus.Checkpointing;

/// <summary>An event on its way into a queue.</summary>
/// <param name="Event">The event.</param>
/// <param name="Stamp">Its stamp.</param>
/// <param name="Details">What it carries.</param>
/// <param name="Key">The key whose order it keeps.</param>
/// <param name="KeyError">Why its key could not be read.</param>
internal readonly record struct Arrival(object Event, Stamp Stamp, EventDetails Details, string? Key, Exception? KeyError);
