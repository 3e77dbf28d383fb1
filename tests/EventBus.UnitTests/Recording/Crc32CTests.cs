using System.Text;
using EventBus.Recording;

namespace EventBus.UnitTests.Recording;

public sealed class Crc32CTests
{
    /// <summary>RFC 3720, appendix B.4, and the check value of the catalogue of parametrised CRC algorithms.</summary>
    public static TheoryData<byte[], uint> Published => new()
    {
        { [], 0 },
        { Encoding.ASCII.GetBytes("123456789"), 0xE306_9283 },
        { new byte[32], 0x8A91_36AA },
        { [.. Enumerable.Repeat((byte)0xFF, 32)], 0x62A8_AB43 },
        { [.. Enumerable.Range(0, 32).Select(static number => (byte)number)], 0x46DD_794E },
        { [.. Enumerable.Range(0, 32).Select(static number => (byte)(31 - number))], 0x113F_DB5C },
        {
            [
                0x01, 0xC0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x14, 0, 0, 0, 0, 0, 0x04, 0,
                0, 0, 0, 0x14, 0, 0, 0, 0x18, 0x28, 0, 0, 0, 0, 0, 0, 0, 0x02, 0, 0, 0, 0, 0, 0, 0,
            ],
            0xD996_3A56
        },
    };

    [Theory]
    [MemberData(nameof(Published))]
    public void It_is_the_published_algorithm(byte[] bytes, uint expected) => Assert.Equal(expected, Crc32C.Of(bytes));

    [Fact]
    public void Any_length_is_summed_byte_by_byte()
    {
        var bytes = Enumerable.Range(0, 40).Select(static number => (byte)(number * 37)).ToArray();

        for (var length = 0; length <= bytes.Length; length++)
            Assert.Equal(BitByBit(bytes.AsSpan(0, length)), Crc32C.Of(bytes.AsSpan(0, length)));
    }

    [Fact]
    public void Of_a_record_it_is_that_of_lengths_texts_and_body()
    {
        byte[] expected = [2, 0, 0, 0, .. Encoding.Unicode.GetBytes("ab"), 1, 0, 0, 0, .. Encoding.Unicode.GetBytes("c"), 9, 8];

        Assert.Equal(Crc32C.Of(expected), Crc32C.Of("ab", "c", [9, 8]));
    }

    [Fact]
    public void Type_id_and_body_are_told_apart()
    {
        var sums = new[] { Crc32C.Of("ab", "c", "d"u8), Crc32C.Of("a", "bc", "d"u8), Crc32C.Of("ab", "", "c\0d"u8), Crc32C.Of("", "abc", "d"u8), Crc32C.Of("c", "ab", "d"u8) };

        Assert.Equal(sums.Length, sums.Distinct().Count());
    }

    [Fact]
    public void A_flipped_bit_anywhere_is_seen()
    {
        var body = new byte[100];
        var sum = Crc32C.Of("order-placed", "id", body);

        for (var bit = 0; bit < body.Length * 8; bit++)
        {
            body[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.NotEqual(sum, Crc32C.Of("order-placed", "id", body));
            body[bit / 8] = 0;
        }
    }

    // The definition: reflected, with the polynomial 0x1EDC6F41.
    private static uint BitByBit(ReadOnlySpan<byte> bytes)
    {
        var crc = ~0u;
        foreach (var one in bytes)
        {
            crc ^= one;
            for (var bit = 0; bit < 8; bit++)
                crc = (crc & 1) == 0 ? crc >> 1 : (crc >> 1) ^ 0x82F6_3B78;
        }

        return ~crc;
    }
}
