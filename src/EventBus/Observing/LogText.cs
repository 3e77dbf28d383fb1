using System.Globalization;
using System.Text;

namespace EventBus.Observing;

/// <summary>Text that came from outside, made fit for a log line: no line breaks, no control characters, not endless.</summary>
internal static class LogText
{
    private const int MaxLength = 256;

    public static string Safe(string? text)
    {
        if (string.IsNullOrEmpty(text))
            return "";
        if (text.Length <= MaxLength && !text.Any(IsUnsafe))
            return text;
        var safe = new StringBuilder(Math.Min(text.Length, MaxLength) + 1);
        foreach (var character in text.AsSpan(0, Math.Min(text.Length, MaxLength)))
            safe.Append(IsUnsafe(character) ? $"\\u{(int)character:X4}" : character.ToString());
        if (text.Length > MaxLength)
            safe.Append('…');
        return safe.ToString();
    }

    private static bool IsUnsafe(char character) =>
        char.IsControl(character) || character is '\u2028' or '\u2029' || char.GetUnicodeCategory(character) == UnicodeCategory.Format;
}
