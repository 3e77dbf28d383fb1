using EventBus.Observing;

namespace EventBus.UnitTests.Observing;

public sealed class LogTextTests
{
    [Theory]
    [InlineData(null, "")]
    [InlineData("", "")]
    [InlineData("order/5 \u00E9 \U0001F389", "order/5 \u00E9 \U0001F389")]
    [InlineData("a\r\nb", "a\\u000D\\u000Ab")]
    [InlineData("a\0b\t\u001B[31m\u007F\u0085", "a\\u0000b\\u0009\\u001B[31m\\u007F\\u0085")]
    [InlineData("a\u2028b\u2029c", "a\\u2028b\\u2029c")]
    [InlineData("a\u202Eb\u200Bc\uFEFF", "a\\u202Eb\\u200Bc\\uFEFF")]
    public void Text_cannot_break_a_line_or_steer_a_terminal(string? text, string expected) => Assert.Equal(expected, LogText.Safe(text));

    // Not as a row of the theory: metadata is UTF-8.
    [Fact]
    public void Half_a_surrogate_pair_is_shown_as_its_number() => Assert.Equal("a\\uD83Cb\\uDF89\U0001F389", LogText.Safe("a\uD83Cb\uDF89\U0001F389"));

    [Fact]
    public void Long_text_is_cut_and_shows_it()
    {
        Assert.Equal(new string('a', 256), LogText.Safe(new string('a', 256)));
        Assert.Equal(new string('a', 256) + "…", LogText.Safe(new string('a', 1024 * 1024)));
    }

    [Fact]
    public void Long_odd_text_is_bounded_too() => Assert.InRange(LogText.Safe(new string('\n', 1024 * 1024)).Length, 1, (256 * 6) + 1);
}
