using EventBus.Sqlite.Statements;

namespace EventBus.Sqlite.Tests;

public sealed class StoredTextTests
{
    // Not as InlineData: attributes are kept in UTF-8, where half a pair is lost.
    private static readonly (string Text, string Hex)[] s_texts =
    [
        ("", ""),
        ("a\0b", "610062"),
        ("\u00E9\u20AC\U0001F389", "C3A9E282ACF09F8E89"),
        ("\uD83C", "EDA0BC"),
        ("\uDF89\uD83C", "EDBE89EDA0BC"),
        ("x\uD800y\uDFFFz", "78EDA08079EDBFBF7A"),
        ("\uD83C\uD83C\uDF89", "EDA0BCF09F8E89"),
    ];

    [Fact]
    public void A_text_is_utf8_and_half_a_pair_is_three_bytes()
    {
        foreach (var (text, hex) in s_texts)
        {
            var bytes = Encode(text);

            Assert.Equal(hex, Convert.ToHexString(bytes));
            Assert.Equal(text, StoredText.Decode(bytes));
        }
    }

    [Fact]
    public void Every_text_of_two_characters_from_the_edges_comes_back_and_has_bytes_of_its_own()
    {
        char[] edges = ['\0', 'a', '\u007F', '\u0080', '\u07FF', '\u0800', '\uD7FF', '\uD800', '\uDBFF', '\uDC00', '\uDFFF', '\uE000', '\uFFFD', '\uFFFF'];
        var seen = new HashSet<string>();

        foreach (var a in edges)
        {
            foreach (var b in edges)
            {
                var bytes = Encode($"{a}{b}");
                Assert.Equal($"{a}{b}", StoredText.Decode(bytes));
                Assert.True(seen.Add(Convert.ToHexString(bytes)));
            }
        }
    }

    [Theory]
    [InlineData("80")]
    [InlineData("ED")]
    [InlineData("EDA0")]
    [InlineData("61F09F8E")]
    [InlineData("FFFE")]
    public void Damaged_bytes_come_to_an_end(string hex) => Assert.Contains('\uFFFD', StoredText.Decode(Convert.FromHexString(hex)));

    private static byte[] Encode(string text)
    {
        var bytes = new byte[StoredText.MaxLength(text)];
        return bytes[..StoredText.Encode(text, bytes)];
    }
}
