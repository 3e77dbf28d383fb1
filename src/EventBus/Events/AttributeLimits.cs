using System.Text;

namespace EventBus.Events;

/// <summary>How large what an event carries besides its body may be where it is stored. Without a bound an id or a header that comes from a request would fill the disk, and
/// each row that waits the memory.</summary>
internal static class AttributeLimits
{
    private const int MaxBytesOfCharacter = 3;

    // They are given to a publish or a schedule as its options.
    private const string Options = "options";

    /// <exception cref="ArgumentException">One of them is too large, or a header has no value.</exception>
    public static void Check(string eventType, EventDetails details)
    {
        Check(eventType, "an id", details.Id, EventBusBuilder.MaxAttributeBytes);
        Check(eventType, "a source", details.Source, EventBusBuilder.MaxAttributeBytes);
        Check(eventType, "a subject", details.Subject, EventBusBuilder.MaxAttributeBytes);
        Check(eventType, "a correlation id", details.CorrelationId, EventBusBuilder.MaxAttributeBytes);
        Check(eventType, "a causation id", details.CausationId, EventBusBuilder.MaxAttributeBytes);
        Check(eventType, "a key", details.Key, EventBusBuilder.MaxKeyBytes);
        if (details.Headers is { Count: > 0 } headers)
            CheckHeaders(eventType, headers);
    }

    /// <summary>Whether a text takes no more bytes than that, as UTF-8.</summary>
    public static bool Fits(string text, int max) => text.Length <= max / MaxBytesOfCharacter || Encoding.UTF8.GetByteCount(text) <= max;

    /// <summary>A key that a subscription has read from an event.</summary>
    /// <exception cref="InvalidOperationException">It is too large to be stored.</exception>
    public static string? Key(string? key) =>
        key is null || Fits(key, EventBusBuilder.MaxKeyBytes)
            ? key
            : throw new InvalidOperationException($"The key takes {Encoding.UTF8.GetByteCount(key)} bytes, and the limit is {EventBusBuilder.MaxKeyBytes}. Take a shorter key, such as a hash of it.");

    private static void Check(string eventType, string what, string? text, int max, string parameter = Options)
    {
        if (text is not null && !Fits(text, max))
            throw new ArgumentException($"Event '{eventType}' has {what} of {Encoding.UTF8.GetByteCount(text)} bytes, and the limit in the event log is {max}. Shorten it, or put what is large into the event itself.", parameter);
    }

    private static void CheckHeaders(string eventType, IReadOnlyDictionary<string, string> headers, string parameter = Options)
    {
        var size = 0L;
        foreach (var (name, value) in headers)
            size += Encoding.UTF8.GetByteCount(name) + Encoding.UTF8.GetByteCount(value ?? "");
        if (size > EventBusBuilder.MaxHeaderBytes)
            throw new ArgumentException($"Event '{eventType}' has headers of {size} bytes, and the limit in the event log is {EventBusBuilder.MaxHeaderBytes} for all together. Drop some, or put what is large into the event itself.", parameter);
        // Of an application that does not know of nullable types.
        foreach (var (name, value) in headers)
        {
            if (value is null)
                throw new ArgumentException($"Event '{eventType}' has a header '{name}' without a value, and the event log keeps texts. Give it one, or leave the header out.", parameter);
        }
    }
}
