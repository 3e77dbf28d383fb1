using System.Buffers;
using System.Text;
using System.Text.Json;

namespace EventBus.Recording;

/// <summary>Headers as a JSON object of strings: readable in the log, whatever serializer the events have.</summary>
internal static class HeadersText
{
    public static string Of(IReadOnlyDictionary<string, string> headers)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            foreach (var (name, value) in headers)
                writer.WriteString(name, value);
            writer.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    /// <summary>What was written; of what cannot be read, nothing: an event is not lost over its headers.</summary>
    public static IReadOnlyDictionary<string, string> Parse(string text)
    {
        var headers = new Dictionary<string, string>();
        try
        {
            using var document = JsonDocument.Parse(text);
            foreach (var property in document.RootElement.EnumerateObject())
                headers[property.Name] = property.Value.GetString() ?? "";
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            headers.Clear();
        }

        return headers;
    }
}
