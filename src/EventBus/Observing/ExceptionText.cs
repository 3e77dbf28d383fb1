namespace EventBus.Observing;

/// <summary>What an exception says of itself, fit to be stored: bounded, without NUL and without halves of surrogate pairs, which not every store takes, and never
/// nothing. An exception is the code of a handler or a serializer: its text may be of any size or <see langword="null"/>, and it may throw when it is asked.</summary>
internal static class ExceptionText
{
    /// <summary>The longest message, in characters.</summary>
    public const int MaxMessage = 4 * 1024;

    /// <summary>The longest text with stack, in characters.</summary>
    public const int MaxText = 32 * 1024;

    private const int MaxType = 1024;

    public static string MessageOf(Exception error) => Read(error, MaxMessage, static error => error.Message);

    public static string Of(Exception error) => Read(error, MaxText, static error => error.ToString());

    /// <summary>The name of its type, with the namespace. That of a closed generic type repeats the names of its arguments, and theirs.</summary>
    public static string TypeOf(Exception error) => Fit(error.GetType().FullName ?? error.GetType().Name, MaxType);

    /// <summary>Whether it gives its text at all.</summary>
    public static bool IsReadable(Exception error)
    {
        try
        {
            return error.ToString() is not null;
        }
        catch (Exception)
        {
            return false;
        }
    }

    private static string Read(Exception error, int max, Func<Exception, string?> read)
    {
        string? text;
        try
        {
            text = read(error);
        }
        catch (Exception)
        {
            text = null;
        }

        return string.IsNullOrEmpty(text) ? $"{TypeOf(error)} did not give its text." : Fit(text, max);
    }

    private static string Fit(string text, int max)
    {
        var cut = text.Length <= max ? text : string.Concat(text.AsSpan(0, max - 1), "…");
        for (var i = 0; i < cut.Length; i++)
        {
            if (IsStorable(cut, i))
                continue;
            return string.Create(cut.Length, cut, static (fit, from) =>
            {
                for (var i = 0; i < fit.Length; i++)
                    fit[i] = IsStorable(from, i) ? from[i] : '\uFFFD';
            });
        }

        return cut;
    }

    private static bool IsStorable(string text, int i) => text[i] switch
    {
        '\0' => false,
        var high when char.IsHighSurrogate(high) => i + 1 < text.Length && char.IsLowSurrogate(text[i + 1]),
        var low when char.IsLowSurrogate(low) => i > 0 && char.IsHighSurrogate(text[i - 1]),
        _ => true,
    };
}
