using System.Globalization;
using EventBus.Observing;
using Microsoft.Extensions.Configuration;

namespace EventBus.Hosting.Configuration;

/// <summary>How the text of one kind of setting is read, and how a person is told to write it. The same in every culture.</summary>
internal sealed record SettingText<T>(SettingText<T>.Reading TryRead, string Expected)
{
    public delegate bool Reading(string text, out T value);

    /// <summary>Reads a key.</summary>
    /// <returns>Whether it has a value that can be read. Where it has one that cannot, that is a mistake; where it has none, the setting is not touched.</returns>
    public bool TryReadFrom(IConfigurationSection key, List<string> mistakes, out T value)
    {
        value = default!; // Nobody looks at it where there is none.
        if (key.GetChildren().Any())
            mistakes.Add($"Configuration key '{LogText.Safe(key.Path)}' is a section, and must be a value: {Expected}.");
        else if (key.Value is { Length: > 0 } text && !TryRead(text.Trim(), out value))
            mistakes.Add($"Configuration key '{LogText.Safe(key.Path)}' is '{LogText.Safe(text)}', and must be {Expected}.");
        else
            return key.Value is { Length: > 0 };
        return false;
    }
}

/// <summary>The kinds of text that settings have.</summary>
internal static class SettingText
{
    private const string TimeFormat = "a time as hours:minutes:seconds, such as 00:00:30";

    public static SettingText<int> Number { get; } = new(TryNumber, "a whole number");

    public static SettingText<int> AtLeastOne { get; } = new(static (string text, out int value) => TryNumber(text, out value) && value >= 1, "a whole number, 1 or more");

    public static SettingText<double> Rate { get; } = new(
        static (string text, out double value) => double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out value), "a number, such as 2.5");

    public static SettingText<bool> Flag { get; } = new(bool.TryParse, "true or false");

    public static SettingText<TimeSpan> Time { get; } = new(TryTime, TimeFormat);

    public static SettingText<TimeSpan> TimeNotNegative { get; } = new(static (string text, out TimeSpan value) => TryTime(text, out value) && value >= TimeSpan.Zero, $"{TimeFormat}, and not negative");

    public static SettingText<TimeSpan> TimePositive { get; } = new(static (string text, out TimeSpan value) => TryTime(text, out value) && value > TimeSpan.Zero, $"{TimeFormat}, and positive");

    public static SettingText<TimeSpan> TimeOrInfinite { get; } = new(TryTimeOrInfinite, $"{TimeFormat}, or 'Infinite'");

    public static SettingText<TEnum> OneOf<TEnum>()
        where TEnum : struct, Enum =>
        new(
            static (string text, out TEnum value) =>
            {
                value = default;
                return Enum.GetNames<TEnum>().Contains(text, StringComparer.OrdinalIgnoreCase) && Enum.TryParse(text, ignoreCase: true, out value);
            },
            $"one of {string.Join(", ", Enum.GetNames<TEnum>())}");

    private static bool TryNumber(string text, out int value) => int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out value);

    // Without a colon, "30" would be thirty days.
    private static bool TryTime(string text, out TimeSpan value) =>
        TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out value) && text.Contains(':', StringComparison.Ordinal);

    private static bool TryTimeOrInfinite(string text, out TimeSpan value)
    {
        if (!text.Equals("Infinite", StringComparison.OrdinalIgnoreCase))
            return TryTime(text, out value);
        value = Timeout.InfiniteTimeSpan;
        return true;
    }
}
