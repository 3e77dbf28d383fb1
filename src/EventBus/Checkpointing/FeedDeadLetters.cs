using EventBus.Recording;
using EventBus.Settling;
using EventBus.Storage;
using EventBus.Timing;

namespace EventBus.Checkpointing;

/// <summary>Gives up deliveries of a durable subscription: the letter is stored, with the event's own bytes, in the transaction that settles the delivery.</summary>
internal sealed class FeedDeadLetters(CheckpointWriter writer, LogSession session)
{
    public async ValueTask<DeadLetterAddition> KeepAsync(DeadLetter letter, RetryState retry)
    {
        var id = retry.Source is UnsettledRow row ? row.Id : new DeliveryId(letter.Metadata.Sequence!.Value);
        var record = await session.Reader.ReadAsync(log => RecordOf(log, id)).AnyContext() ?? DeadLetterCodec.RecordOf(letter, session.Codec);
        var kept = await writer.KeepAsync(id, DeadLetterCodec.ToStored(letter, record)).AnyContext()
            ?? throw new EventBusStoppedException("The bus stopped before the dead letter was stored. The delivery stays with its subscription.");
        return new(letter with { Id = kept }, []);
    }

    private static LogRecord? RecordOf(IEventLog log, DeliveryId id) =>
        id.DeadLetterId > 0 ? log.ReadDeadLetter(id.DeadLetterId)?.Record : log.Read([id.Sequence]) is [var record] ? record : null;
}
