using System.Collections;
using System.Globalization;
using System.Text;

namespace EventBus.Observing;

/// <summary>A log line one of whose values cannot be shown as it is: a stored type name with a line break would make a second line of it, which nothing of the bus has
/// logged. The text is made again from the values that are safe.</summary>
internal sealed class SafeLine : IReadOnlyList<KeyValuePair<string, object?>>
{
    // As Microsoft.Extensions.Logging calls it.
    private const string Template = "{OriginalFormat}";

    private readonly KeyValuePair<string, object?>[] _values;
    private readonly string _text;

    private SafeLine(KeyValuePair<string, object?>[] values)
    {
        _values = values;
        _text = TextOf(values);
    }

    public int Count => _values.Length;

    public KeyValuePair<string, object?> this[int index] => _values[index];

    /// <returns>The line to log instead; nothing where all its values are safe.</returns>
    public static SafeLine? Of(IReadOnlyList<KeyValuePair<string, object?>> values)
    {
        // By number: an enumerator would be an object for each line.
        for (var i = 0; i < values.Count; i++)
        {
            if (values[i] is { Key: not Template, Value: string text } && !LogText.IsSafe(text, LogText.MaxValue))
                return new([.. values.Select(static value => value is { Key: not Template, Value: string text } ? new(value.Key, LogText.Safe(text, LogText.MaxValue)) : value)]);
        }

        return null;
    }

    public override string ToString() => _text;

    public IEnumerator<KeyValuePair<string, object?>> GetEnumerator() => ((IEnumerable<KeyValuePair<string, object?>>)_values).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private static string TextOf(KeyValuePair<string, object?>[] values)
    {
        var template = Array.Find(values, static value => value.Key == Template).Value as string ?? "";
        var text = new StringBuilder();
        for (var at = 0; at < template.Length;)
        {
            var (begin, end) = (template.IndexOf('{', at), template.IndexOf('}', at));
            if (begin < 0 || end < begin)
                return text.Append(template, at, template.Length - at).ToString();
            var name = template[(begin + 1)..end];
            text.Append(template, at, begin - at);
            text.Append(CultureInfo.InvariantCulture, $"{Array.Find(values, value => value.Key == name).Value}");
            at = end + 1;
        }

        return text.ToString();
    }
}
