using EventBus.Storage;

namespace EventBus.Recording;

/// <summary>The log from one start of the bus to its stop.</summary>
internal sealed record LogSession(IEventLog Log, RecordCodec Codec, LogWriter Writer, LogReader Reader)
{
    public PositionMoves Moves { get; } = new();
}
