using EventBus.Events;

namespace EventBus.Publishing;

/// <summary>When a scheduled event is published, and what it was given for that.</summary>
/// <param name="Id">Its id.</param>
/// <param name="DueAt">When its life begins, on the bus's monotonic clock.</param>
/// <param name="Trace">The place in a trace at which it was scheduled.</param>
internal sealed record Appointment(string Id, long DueAt, TraceContext? Trace);
