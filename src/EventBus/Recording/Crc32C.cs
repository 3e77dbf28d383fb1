using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.InteropServices;

namespace EventBus.Recording;

/// <summary>The CRC-32C (Castagnoli) of a record: RFC 3720, appendix B.4. The processor has an instruction for it.</summary>
internal static class Crc32C
{
    /// <summary>Over type and id as UTF-16, each after its length, and the body.</summary>
    public static uint Of(string type, string id, ReadOnlySpan<byte> body)
    {
        var crc = Add(Begin(), type);
        crc = Add(crc, id);
        return End(Add(crc, body));
    }

    public static uint Of(ReadOnlySpan<byte> bytes) => End(Add(Begin(), bytes));

    public static uint Begin() => ~0u;

    public static uint End(uint crc) => ~crc;

    public static uint Add(uint crc, long number) => BitOperations.Crc32C(crc, (ulong)number);

    // The length parts the text from what follows: "ab" + "c" is not "a" + "bc". No text has another one than an empty text.
    public static uint Add(uint crc, string? text) => Add(BitOperations.Crc32C(crc, text is null ? uint.MaxValue : (uint)text.Length), MemoryMarshal.AsBytes(text.AsSpan()));

    public static uint Add(uint crc, ReadOnlySpan<byte> bytes)
    {
        for (; bytes.Length >= sizeof(ulong); bytes = bytes[sizeof(ulong)..])
            crc = BitOperations.Crc32C(crc, BinaryPrimitives.ReadUInt64LittleEndian(bytes));
        foreach (var one in bytes)
            crc = BitOperations.Crc32C(crc, one);
        return crc;
    }
}
