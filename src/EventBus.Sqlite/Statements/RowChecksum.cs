using System.Numerics;

namespace EventBus.Sqlite.Statements;

/// <summary>An event's checksum as its row keeps it: with a number of the row in it, which the event itself does not have, so that it does not hold for an event that stands in another place.</summary>
/// <remarks>The mark, a bit above the 32 of the checksum, tells such a row from those of schema 1 and 2, which have the event's checksum alone.</remarks>
internal static class RowChecksum
{
    private const long Mark = 1L << 32;

    /// <summary>Of an event with a sequence.</summary>
    public static long Of(uint checksum, long row) => Mark | (checksum ^ Of(row));

    /// <summary>Of a scheduled event, with when it is due and how long it is worth handling.</summary>
    public static long Of(uint checksum, long due, long? timeToLive) => Of(checksum, Row(due, timeToLive));

    /// <summary>The event's checksum; of a row that was damaged, another one.</summary>
    public static uint Read(long stored, long row)
    {
        var mark = stored >> 32;
        return mark == 0 ? (uint)stored : (uint)stored ^ Of(row) ^ (uint)(mark ^ 1);
    }

    /// <inheritdoc cref="Read(long, long)"/>
    public static uint Read(long stored, long due, long? timeToLive) => Read(stored, Row(due, timeToLive));

    // Both in one number: a shift apart, since both are mostly small.
    private static long Row(long due, long? timeToLive) => due ^ (long)BitOperations.RotateLeft((ulong)(timeToLive ?? -1), 21);

    private static uint Of(long row) => BitOperations.Crc32C(~0u, (ulong)row);
}
