using System.Globalization;
using System.Text;

namespace EventBus.Observing;

/// <summary>Text that came from outside, made fit for a log line: no line breaks, no control characters, no halves of surrogate pairs, not endless.</summary>
internal static class LogText
{
    /// <summary>The longest id, key or name that is shown whole.</summary>
    public const int MaxLength = 256;

    /// <summary>The longest value of a line, such as the description of a problem.</summary>
    public const int MaxValue = 4 * 1024;

    public static string Safe(string? text, int max = MaxLength)
    {
        if (string.IsNullOrEmpty(text))
            return "";
        if (IsSafe(text, max))
            return text;
        var safe = new StringBuilder(Math.Min(text.Length, max) + 1);
        for (var i = 0; i < Math.Min(text.Length, max); i++)
            safe.Append(IsUnsafe(text, i) ? $"\\u{(int)text[i]:X4}" : text[i].ToString());
        if (text.Length > max)
            safe.Append('…');
        return safe.ToString();
    }

    public static bool IsSafe(string text, int max)
    {
        if (text.Length > max)
            return false;
        for (var i = 0; i < text.Length; i++)
        {
            if (IsUnsafe(text, i))
                return false;
        }

        return true;
    }

    private static bool IsUnsafe(string text, int i)
    {
        var character = text[i];
        if (char.IsHighSurrogate(character))
            return i + 1 == text.Length || !char.IsLowSurrogate(text[i + 1]);
        if (char.IsLowSurrogate(character))
            return i == 0 || !char.IsHighSurrogate(text[i - 1]);
        return char.IsControl(character) || character is '\u2028' or '\u2029' || char.GetUnicodeCategory(character) == UnicodeCategory.Format;
    }
}
