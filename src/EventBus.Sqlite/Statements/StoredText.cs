using System.Buffers;
using System.Text;
using System.Text.Unicode;

namespace EventBus.Sqlite.Statements;

/// <summary>Texts as the file keeps them: UTF-8, and WTF-8 where a text has half of a surrogate pair, which UTF-8 cannot say. So every .NET string comes back as it
/// was, and two that differ never become equal.</summary>
/// <remarks>WTF-8: S. Sapin, "The WTF-8 encoding", https://wtf-8.codeberg.page. A lone surrogate is written in three bytes as any other character of its size.</remarks>
internal static class StoredText
{
    public static int MaxLength(string text) => text.Length * 3;

    /// <returns>How many bytes were written.</returns>
    public static int Encode(ReadOnlySpan<char> text, Span<byte> bytes)
    {
        var total = 0;
        while (true)
        {
            var status = Utf8.FromUtf16(text, bytes[total..], out var read, out var written, replaceInvalidSequences: false);
            total += written;
            if (status != OperationStatus.InvalidData)
                return total;
            var half = text[read];
            bytes[total++] = (byte)(0xE0 | (half >> 12));
            bytes[total++] = (byte)(0x80 | ((half >> 6) & 0x3F));
            bytes[total++] = (byte)(0x80 | (half & 0x3F));
            text = text[(read + 1)..];
        }
    }

    public static string Decode(ReadOnlySpan<byte> bytes) => Utf8.IsValid(bytes) ? Encoding.UTF8.GetString(bytes) : DecodeHalves(bytes);

    private static string DecodeHalves(ReadOnlySpan<byte> bytes)
    {
        var text = new StringBuilder(bytes.Length);
        var chars = new char[bytes.Length];
        while (!bytes.IsEmpty)
        {
            var status = Utf8.ToUtf16(bytes, chars, out var read, out var written, replaceInvalidSequences: false);
            text.Append(chars, 0, written);
            bytes = bytes[read..];
            if (status == OperationStatus.Done)
                break;
            if (bytes.Length >= 3 && bytes[0] == 0xED && bytes[1] >= 0xA0)
            {
                text.Append((char)(((bytes[0] & 0x0F) << 12) | ((bytes[1] & 0x3F) << 6) | (bytes[2] & 0x3F)));
                bytes = bytes[3..];
            }
            else
            {
                // Not written by a log: a damaged file. The checksum tells; here it must only come to an end.
                text.Append('\uFFFD');
                bytes = bytes[1..];
            }
        }

        return text.ToString();
    }
}
