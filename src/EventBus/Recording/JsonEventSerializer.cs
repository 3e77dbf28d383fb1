using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using EventBus.Recording;

namespace EventBus.Storage;

/// <summary>Events as JSON, by System.Text.Json.</summary>
/// <remarks>The depth of what is read is bounded by <see cref="JsonSerializerOptions.MaxDepth"/>: 64 unless the options say otherwise. Polymorphism goes only by
/// <see cref="JsonDerivedTypeAttribute"/>: no stored text names a .NET type.</remarks>
public sealed class JsonEventSerializer : IEventSerializer
{
    private readonly JsonSerializerOptions _options;

    [ThreadStatic]
    private static Utf8JsonWriter? t_writer;

    /// <summary>Creates a serializer that learns the events' shape by reflection, where the application allows it, with JSON property names as in C#.</summary>
    /// <remarks>A trimmed or Native AOT application gives a source-generated context instead: see <see cref="JsonEventSerializer(JsonSerializerContext)"/>.</remarks>
    public JsonEventSerializer()
        : this(Default())
    {
    }

    /// <summary>Creates a serializer from source-generated contracts, for trimmed and Native AOT applications.</summary>
    /// <param name="context">The context, for example <c>ShopJson.Default</c>; it knows every event type that goes into the log.</param>
    public JsonEventSerializer(JsonSerializerContext context)
        : this((context ?? throw new ArgumentNullException(nameof(context))).Options)
    {
    }

    /// <summary>Creates a serializer from options.</summary>
    /// <param name="options">The options; their <see cref="JsonSerializerOptions.TypeInfoResolver"/> knows every event type that goes into the log. They cannot be changed afterwards.</param>
    public JsonEventSerializer(JsonSerializerOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.MakeReadOnly();
        _options = options;
    }

    /// <summary>One for all buses that have chosen none, because it learns each type's shape once.</summary>
    internal static JsonEventSerializer ByReflection => Shared.Instance;

    /// <inheritdoc/>
    public bool CanSerialize(Type eventType, out string reason)
    {
        ArgumentNullException.ThrowIfNull(eventType);
        reason = string.Join("; ", StoredContract.Of(eventType, _options).Unreadable);
        return reason.Length == 0;
    }

    /// <inheritdoc/>
    public bool KeepsAll(Type eventType, out string reason)
    {
        ArgumentNullException.ThrowIfNull(eventType);
        reason = string.Join("; ", StoredContract.Of(eventType, _options).Lost);
        return reason.Length == 0;
    }

    /// <summary>Where two bodies of a type's events differ; nothing where they say the same.</summary>
    internal string? Difference(ReadOnlyMemory<byte> before, ReadOnlyMemory<byte> after, Type eventType) => new StoredText(_options).Difference(before, after, eventType);

    /// <inheritdoc/>
    public void Serialize(object @event, Type eventType, IBufferWriter<byte> body)
    {
        var writer = t_writer;
        // A writer keeps its encoder: that of another serializer would give the same event other bytes.
        if (writer is null || !ReferenceEquals(writer.Options.Encoder, _options.Encoder))
            writer = t_writer = new Utf8JsonWriter(body, new JsonWriterOptions { SkipValidation = true, Encoder = _options.Encoder });
        else
            writer.Reset(body);
        try
        {
            JsonSerializer.Serialize(writer, @event, _options.GetTypeInfo(eventType));
            writer.Flush();
        }
        finally
        {
            writer.Reset(NoBody.Instance);
        }
    }

    /// <inheritdoc/>
    public object Deserialize(ReadOnlySpan<byte> body, Type eventType) =>
        JsonSerializer.Deserialize(body, _options.GetTypeInfo(eventType)) ?? throw new JsonException("The body is the JSON null, and an event is something.");

    [UnconditionalSuppressMessage("Trimming", "IL2026", Justification = "Only where the application has left reflection switched on; trimming switches it off, and then no contract is found and the build of the bus says so.")]
    [UnconditionalSuppressMessage("AOT", "IL3050", Justification = "As above.")]
    private static JsonSerializerOptions Default() =>
        new() { TypeInfoResolver = JsonSerializer.IsReflectionEnabledByDefault ? new DefaultJsonTypeInfoResolver() : JsonTypeInfoResolver.Combine() };

    private static class Shared
    {
        public static readonly JsonEventSerializer Instance = new();
    }

    // The writer of a thread must not keep the last body alive.
    private sealed class NoBody : IBufferWriter<byte>
    {
        public static readonly NoBody Instance = new();

        public void Advance(int count)
        {
        }

        public Memory<byte> GetMemory(int sizeHint = 0) => new byte[Math.Max(1, sizeHint)];

        public Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;
    }
}
