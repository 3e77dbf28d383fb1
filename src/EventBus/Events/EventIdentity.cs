using System.Buffers.Binary;

namespace EventBus.Events;

/// <summary>Makes an event's id from its stamp and the bus's seed: the same for every subscriber, computed only when asked for.</summary>
/// <remarks>
/// The form is a UUID of version 7 (RFC 9562, section 5.7): 48 bits of Unix milliseconds, 12 bits that count within them, 62
/// bits that are unique. A version-7 <see cref="Guid"/> from the runtime draws random bytes for each and costs ten times a publish.
/// </remarks>
internal sealed class EventIdentity(ulong seed)
{
    private const ulong Mask62 = (1ul << 62) - 1;

    public string IdOf(in Stamp stamp)
    {
        Span<byte> bytes = stackalloc byte[16];
        BinaryPrimitives.WriteUInt64BigEndian(bytes, ((ulong)stamp.Milliseconds << 16) | 0x7000 | ((ulong)stamp.Number & 0xFFF));
        BinaryPrimitives.WriteUInt64BigEndian(bytes[8..], (1ul << 63) | Scatter(stamp.Bits ^ seed));
        return new Guid(bytes, bigEndian: true).ToString();
    }

    // Each step can be undone within 62 bits, so two stamps never scatter to the same value.
    private static ulong Scatter(ulong value)
    {
        value &= Mask62;
        value = ((value ^ (value >> 31)) * 0xBF58476D1CE4E5B9) & Mask62;
        value = ((value ^ (value >> 29)) * 0x94D049BB133111EB) & Mask62;
        return value ^ (value >> 31);
    }
}
