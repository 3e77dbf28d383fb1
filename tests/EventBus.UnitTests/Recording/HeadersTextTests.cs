using EventBus.Recording;

namespace EventBus.UnitTests.Recording;

public sealed class HeadersTextTests
{
    [Fact]
    public void Headers_are_a_json_object_that_anybody_can_read() =>
        Assert.Equal("""{"tenant":"a","n":""}""", HeadersText.Of(new Dictionary<string, string> { ["tenant"] = "a", ["n"] = "" }));

    [Fact]
    public void Odd_names_and_values_come_back_as_they_are()
    {
        var headers = new Dictionary<string, string>
        {
            [""] = "empty",
            ["\0"] = "\0",
            ["line\r\nbreak"] = "\t\u2028",
            ["\"quoted\\"] = "{}[],:",
            ["\U0001F389"] = "e\u0301",
            ["long"] = new string('x', 100_000),
            ["Tenant"] = "upper",
            ["tenant"] = "lower",
        };

        Assert.Equal(headers, HeadersText.Parse(HeadersText.Of(headers)));
    }

    [Fact]
    public void Half_a_surrogate_pair_becomes_the_sign_for_it() =>
        Assert.Equal(new Dictionary<string, string> { ["half"] = "a\uFFFDb" }, HeadersText.Parse(HeadersText.Of(new Dictionary<string, string> { ["half"] = "a\uD800b" })));

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("null")]
    [InlineData("[1]")]
    [InlineData("""{"a":1}""")]
    [InlineData("""{"a":"b","c":{}}""")]
    [InlineData("""{"a":"\ud800"}""")]
    public void Of_what_is_no_object_of_strings_nothing_is_read(string text) => Assert.Empty(HeadersText.Parse(text));

    [Fact]
    public void Of_what_is_nested_ten_thousand_deep_nothing_is_read() =>
        Assert.Empty(HeadersText.Parse(string.Concat(Enumerable.Repeat("{\"a\":", 10_000)) + "1" + new string('}', 10_000)));
}
