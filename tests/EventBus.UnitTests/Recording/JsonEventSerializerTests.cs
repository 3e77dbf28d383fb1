using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using EventBus.Storage;

namespace EventBus.UnitTests.Recording;

public sealed partial class JsonEventSerializerTests
{
    private readonly JsonEventSerializer _serializer = new();

    [Fact]
    public void An_event_is_the_json_of_its_own_type_and_comes_back()
    {
        var body = Serialize(_serializer, new Placed("a", 3));

        Assert.Equal("""{"Code":"a","Quantity":3}""", body);
        Assert.Equal(new Placed("a", 3), Deserialize<Placed>(body));
    }

    [Theory]
    [InlineData("null")]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("[1]")]
    [InlineData("""{"Code":1}""")]
    [InlineData("""{"Code":"a"} {"Code":"b"}""")]
    public void What_is_no_such_event_is_refused(string body) => Assert.ThrowsAny<JsonException>(() => Deserialize<Placed>(body));

    [Theory]
    [InlineData(64, true)]
    [InlineData(65, false)]
    [InlineData(10_000, false)]
    public void Nesting_is_read_to_a_depth_of_64_and_no_deeper(int depth, bool isRead)
    {
        var body = string.Concat(Enumerable.Repeat("{\"Inner\":", depth - 1)) + "{}" + new string('}', depth - 1);

        if (isRead)
            Deserialize<Nested>(body);
        else
            Assert.ThrowsAny<JsonException>(() => Deserialize<Nested>(body));
    }

    [Fact]
    public void An_event_that_leads_back_to_itself_is_refused_and_the_next_is_written_right()
    {
        var ring = new Nested();
        ring.Inner = ring;

        Assert.ThrowsAny<JsonException>(() => Serialize(_serializer, ring));

        Assert.Equal("""{"Inner":null}""", Serialize(_serializer, new Nested()));
    }

    [Theory]
    [InlineData("""{"$type":"System.Diagnostics.Process, System","Code":"a","Quantity":3}""")]
    [InlineData("""{"$id":"1","$ref":"2","$values":[],"Code":"a","Quantity":3}""")]
    public void What_other_serializers_take_for_the_name_of_a_type_is_a_property_that_nobody_has(string body) =>
        Assert.Equal(new Placed("a", 3), Deserialize<Placed>(body));

    [Fact]
    public void A_value_of_any_type_is_read_as_json_and_never_as_a_dotnet_type() =>
        Assert.IsType<JsonElement>(Deserialize<Anything>("""{"Value":{"$type":"System.Uri, System","Path":"x"}}""").Value);

    [Fact]
    public void Derived_types_are_those_that_the_event_names_and_no_others()
    {
        Assert.IsType<Card>(Deserialize<Payment>("""{"$type":"card","Amount":5}"""));
        Assert.Throws<JsonException>(() => Deserialize<Payment>($$"""{"$type":"{{typeof(Hidden).AssemblyQualifiedName}}","Amount":5}"""));
    }

    [Fact]
    public void A_source_generated_context_is_enough_for_its_types_and_for_no_others()
    {
        var serializer = new JsonEventSerializer(PlacedJson.Default);

        Assert.Equal("""{"Code":"a","Quantity":3}""", Serialize(serializer, new Placed("a", 3)));
        Assert.True(serializer.CanSerialize(typeof(Placed), out _));
        Assert.False(serializer.CanSerialize(typeof(Nested), out var reason));
        Assert.Equal("no JSON contract is known for it. Add [JsonSerializable(typeof(Nested))] to the context that is given to UseJson(...)", reason);
    }

    [Fact]
    public void A_type_that_json_cannot_say_is_told_with_the_reason()
    {
        Assert.False(_serializer.CanSerialize(typeof(Span<int>), out var reason));
        Assert.NotEmpty(reason);
        Assert.True(_serializer.CanSerialize(typeof(Placed), out _));
    }

    [Fact]
    public void Options_that_were_given_cannot_be_changed_afterwards()
    {
        var options = new JsonSerializerOptions { TypeInfoResolver = new DefaultJsonTypeInfoResolver(), PropertyNamingPolicy = JsonNamingPolicy.CamelCase };
        var serializer = new JsonEventSerializer(options);

        Assert.Throws<InvalidOperationException>(() => options.WriteIndented = true);
        Assert.Equal("""{"code":"a","quantity":3}""", Serialize(serializer, new Placed("a", 3)));
    }

    [Fact]
    public void Two_serializers_on_one_thread_each_escape_as_they_were_told()
    {
        var relaxed = new JsonEventSerializer(new JsonSerializerOptions { TypeInfoResolver = new DefaultJsonTypeInfoResolver(), Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
        var @event = new Placed("<ü>", 1);

        for (var round = 0; round < 2; round++)
        {
            Assert.Equal("""{"Code":"\u003C\u00FC\u003E","Quantity":1}""", Serialize(_serializer, @event));
            Assert.Equal("""{"Code":"<ü>","Quantity":1}""", Serialize(relaxed, @event));
        }
    }

    [Fact]
    public void Nothing_is_given_to_it_in_vain()
    {
        Assert.Throws<ArgumentNullException>("context", static () => new JsonEventSerializer((JsonSerializerContext)null!));
        Assert.Throws<ArgumentNullException>("options", static () => new JsonEventSerializer((JsonSerializerOptions)null!));
        Assert.Throws<ArgumentNullException>("eventType", () => _serializer.CanSerialize(null!, out _));
    }

    private static string Serialize(JsonEventSerializer serializer, object @event)
    {
        var body = new ArrayBufferWriter<byte>();
        serializer.Serialize(@event, @event.GetType(), body);
        return Encoding.UTF8.GetString(body.WrittenSpan);
    }

    private T Deserialize<T>(string body) => Assert.IsType<T>(_serializer.Deserialize(Encoding.UTF8.GetBytes(body), typeof(T)), exactMatch: false);

    internal sealed record Placed(string Code, int Quantity);

    internal sealed record Anything(object Value);

    internal sealed class Nested
    {
        public Nested? Inner { get; set; }
    }

    [JsonDerivedType(typeof(Card), "card")]
    internal record Payment(int Amount);

    internal sealed record Card(int Amount) : Payment(Amount);

    internal sealed record Hidden(int Amount) : Payment(Amount);

    [JsonSerializable(typeof(Placed))]
    internal sealed partial class PlacedJson : JsonSerializerContext;
}
