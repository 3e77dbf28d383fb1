using System.Globalization;

namespace EventBus.BehaviourTests.Settings;

/// <summary>The values at the ends of each type, and those that are none.</summary>
internal static class Extremes
{
    public const int LongText = 10 * 1024 * 1024;

    private static readonly string s_long = new('x', LongText);

    public static IEnumerable<object> Of(Type type) => type switch
    {
        _ when type == typeof(int) => [int.MinValue, -1, 0, 1, int.MaxValue],
        _ when type == typeof(long) => [long.MinValue, -1L, 0L, 1L, long.MaxValue],
        _ when type == typeof(double) => [double.NegativeInfinity, double.MinValue, -1.0, -0.0, 0.0, double.Epsilon, 1.0, double.MaxValue, double.PositiveInfinity, double.NaN],
        _ when type == typeof(TimeSpan) =>
        [
            TimeSpan.MinValue, TimeSpan.FromTicks(-1), Timeout.InfiniteTimeSpan, TimeSpan.Zero, TimeSpan.FromTicks(1), TimeSpan.FromMilliseconds(int.MaxValue) + TimeSpan.FromMilliseconds(1),
            TimeSpan.FromMilliseconds(uint.MaxValue), TimeSpan.MaxValue - TimeSpan.FromTicks(1), TimeSpan.MaxValue,
        ],
        _ when type == typeof(DateTimeOffset) =>
        [
            DateTimeOffset.MinValue, DateTimeOffset.MinValue.ToOffset(TimeSpan.FromHours(14)), DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddTicks(-1),
            DateTimeOffset.MaxValue, DateTimeOffset.MaxValue.ToOffset(TimeSpan.FromHours(-14)),
        ],
        _ when type == typeof(string) => ["", " ", "\t", "\0", "a\0b", "\uD800", "\uDC00x", "a\r\nforged: line", "\u2028", "../..", "a/b", s_long],
        _ when type.IsEnum => [Enum.ToObject(type, -1), Enum.ToObject(type, int.MaxValue), .. Enum.GetValues(type).Cast<object>()],
        _ => throw new ArgumentException($"There are no extremes of {type}."),
    };

    public static string Describe(object value) => value switch
    {
        string { Length: > 100 } text => $"a text of {text.Length} characters",
        string text => "\"" + string.Concat(text.Select(static letter => char.IsAsciiLetterOrDigit(letter) || char.IsPunctuation(letter) ? letter.ToString() : $"\\u{(int)letter:X4}")) + "\"",
        IFormattable formattable => formattable.ToString(null, CultureInfo.InvariantCulture),
        _ => $"{value}",
    };
}
