using EventBus.Events;
using EventBus.Storage;

namespace EventBus.Routing;

/// <summary>An event that waits for a stream's reader: as it was published, or as the log has it.</summary>
internal readonly struct StreamItem
{
    public StreamItem(object @event, in Stamp stamp, EventDetails? details)
    {
        Event = @event;
        Stamp = stamp;
        Details = details;
    }

    public StreamItem(LogRecord record) => Record = record;

    public object? Event { get; }

    public Stamp Stamp { get; }

    public EventDetails? Details { get; }

    /// <summary>The event as the log has it; its reader makes an event of it.</summary>
    public LogRecord? Record { get; }
}

/// <summary>What a reader's look into a stream came to.</summary>
internal enum StreamLook
{
    Taken,

    /// <summary>There is nothing yet.</summary>
    Nothing,

    /// <summary>There is nothing, and nothing will come.</summary>
    Ended,
}
