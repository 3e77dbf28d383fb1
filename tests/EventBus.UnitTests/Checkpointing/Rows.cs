using EventBus.Checkpointing;
using EventBus.Storage;

namespace EventBus.UnitTests.Checkpointing;

/// <summary>Makes rows that belong to no feed.</summary>
internal static class Rows
{
    public static UnsettledRow Of(long sequence, string? key = null, long deadLetterId = 0) => Of(new DeliveryId(sequence, deadLetterId), key);

    public static UnsettledRow Of(DeliveryId id, string? key) => new(id, key, static _ => { }) { StoredState = LogDeliveryState.Waiting };
}
