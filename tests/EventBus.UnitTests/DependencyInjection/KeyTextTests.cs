using System.Globalization;
using EventBus.DependencyInjection;

namespace EventBus.UnitTests.DependencyInjection;

public sealed class KeyTextTests
{
    public static TheoryData<object?, string?> Texts => new()
    {
        { null, null },
        { "", "" },
        { "a\0\U0001F389", "a\0\U0001F389" },
        { 5, "5" },
        { -5L, "-5" },
        { (byte)7, "7" },
        { Int128.MaxValue, "170141183460469231731687303715884105727" },
        { 'x', "x" },
        { true, "True" },
        { 1.5, "1.5" },
        { 1.5m, "1.5" },
        { DayOfWeek.Friday, "5" },
        { Guid.Empty, "00000000-0000-0000-0000-000000000000" },
        { new DateOnly(2026, 3, 29), "03/29/2026" },
        { new TimeOnly(1, 2, 3), "01:02:03.0000000" },
        { TimeSpan.FromSeconds(90), "00:01:30" },
        { new DateTime(2026, 3, 29, 1, 2, 3, DateTimeKind.Utc), "2026-03-29T01:02:03.0000000" },
        { new DateTimeOffset(2026, 3, 29, 3, 0, 0, TimeSpan.FromHours(2)), "2026-03-29T01:00:00.0000000Z" },
        { ("a", 5), "1:a1:5" },
        { (1, (string?)null), "1:1-1:" },
    };

    [Theory]
    [MemberData(nameof(Texts))]
    public void A_key_has_a_text_that_is_stored(object? key, string? text) => Assert.Equal(text, KeyText.Of(key));

    [Fact]
    public void The_text_is_the_same_in_every_culture()
    {
        var before = CultureInfo.CurrentCulture;
        var odd = (CultureInfo)CultureInfo.InvariantCulture.Clone();
        odd.NumberFormat.NumberDecimalSeparator = ",";
        odd.NumberFormat.NegativeSign = "~";
        odd.DateTimeFormat.ShortDatePattern = "yyyy";
        try
        {
            CultureInfo.CurrentCulture = odd;

            Assert.Equal(["1.5", "-5", "03/29/2026", "3:1.52:-5"], new object[] { 1.5, -5, new DateOnly(2026, 3, 29), (1.5m, -5) }.Select(KeyText.Of));
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }

    [Fact]
    public void Equal_keys_have_equal_text()
    {
        var noon = new DateTimeOffset(2026, 3, 29, 12, 0, 0, TimeSpan.Zero);

        Assert.Equal(KeyText.Of(0.0), KeyText.Of(-0.0));
        Assert.Equal(KeyText.Of(0f), KeyText.Of(-0f));
        Assert.Equal(KeyText.Of(1.0m), KeyText.Of(1.00m));
        Assert.Equal(KeyText.Of(noon), KeyText.Of(noon.ToOffset(TimeSpan.FromHours(9))));
        Assert.Equal(KeyText.Of(noon.UtcDateTime), KeyText.Of(DateTime.SpecifyKind(noon.UtcDateTime, DateTimeKind.Local)));
        Assert.Equal(KeyText.Of<int?>(5), KeyText.Of(5));
    }

    [Fact]
    public void Other_keys_have_other_text()
    {
        object?[] tuples = [("a", "b,c"), ("a,b", "c"), ("", "1:a"), ("1:a", ""), ((string?)null, ""), ("", (string?)null), ("a", ("b", "c")), ("a", "b", "c"), ("-1:", "")];
        object[] numbers = [0.1, 0.1 + 0.2, 0.3, double.MaxValue, double.Epsilon, double.NaN, double.PositiveInfinity];
        object[] texts = ["e\u0301", "\u00E9", "a", "A", " a", "a ", "\uD800", "\uDC00"];

        foreach (var keys in new[] { tuples, numbers, texts })
            Assert.Equal(keys.Length, keys.Select(KeyText.Of).Distinct().Count());
    }

    [Theory]
    [InlineData(typeof(string), true)]
    [InlineData(typeof(int?), true)]
    [InlineData(typeof(DayOfWeek), true)]
    [InlineData(typeof(Guid), true)]
    [InlineData(typeof(DateOnly), true)]
    [InlineData(typeof((string, int?)), true)]
    [InlineData(typeof(Tuple<Guid, (int, DateTime)>), true)]
    [InlineData(typeof(object), true)]
    [InlineData(typeof(Version), false)]
    [InlineData(typeof(int[]), false)]
    [InlineData(typeof((string, Version)), false)]
    [InlineData(typeof(ValueTuple), false)]
    public void A_type_is_a_key_or_not_before_there_is_any_event(Type type, bool canBe) => Assert.Equal(canBe, KeyText.CanBeOf(type));

    [Fact]
    public void An_object_that_turns_out_to_be_no_key_is_refused_with_the_remedy() =>
        Assert.Equal(
            "A key of type 'System.Version' cannot be stored. Order a durable subscription by a string, an integer, a Guid, an enum, a date, or a tuple of them.",
            Assert.Throws<InvalidOperationException>(static () => KeyText.Of<object>(new Version(1, 0))).Message);

    // Not as data of a theory: an attribute cannot hold half a pair.
    [Fact]
    public void A_key_is_as_its_event_gives_it_when_that_is_read_again()
    {
        Assert.Null(KeyText.WellFormed(null));
        Assert.Equal(
            ["", "a\0\U0001F389", "\uFFFD", "\uFFFD\uFFFDx"],
            new[] { "", "a\0\U0001F389", "\uD800", "\uDC00\uD800x" }.Select(KeyText.WellFormed));
    }

    [Fact]
    public void A_plain_key_is_not_copied()
    {
        var key = new string('k', 100);

        Assert.Same(key, KeyText.WellFormed(key));
    }
}
