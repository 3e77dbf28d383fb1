using System.Collections;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using EventBus.Storage;

namespace EventBus.UnitTests.Recording;

/// <summary>What an event's type says, when the bus is built, about whether its events come back from storage: by reflection and from a generated contract alike.</summary>
public sealed partial class StoredContractTests
{
    private static readonly Dictionary<string, JsonEventSerializer> s_serializers = new()
    {
        ["reflection"] = new(),
        ["generated"] = new(StoredJson.Default),
    };

    public static TheoryData<string, Type> Whole
    {
        get
        {
            var data = new TheoryData<string, Type>();
            foreach (var by in s_serializers.Keys)
            {
                foreach (var type in new[]
                {
                    typeof(Positional), typeof(PositionalStruct), typeof(Settable), typeof(InitOnly), typeof(ByConstructor), typeof(Computed), typeof(Ignored), typeof(Deep), typeof(OfTuple),
                    typeof(Populated), typeof(Tree), typeof(OfConverter), typeof(Anything), typeof(OfDerived),
                })
                    data.Add(by, type);
            }

            data.Add("reflection", typeof(IncludedByReflection));
            data.Add("reflection", typeof(string));
            data.Add("reflection", typeof(int));
            data.Add("reflection", typeof(List<Positional>));
            return data;
        }
    }

    public static TheoryData<string, Type, string> Lossy
    {
        get
        {
            var data = new TheoryData<string, Type, string>();
            foreach (var by in s_serializers.Keys)
            {
                data.Add(by, typeof(PrivateSetter), "PrivateSetter.Number' would come back empty, because its setter is not public");
                data.Add(by, typeof(PrivateSetterOfStruct), "PrivateSetterOfStruct.Number' would come back empty");
                data.Add(by, typeof(GetOnly), "GetOnly.Number' would come back empty, because it has no setter");
                data.Add(by, typeof(OtherParameter), "OtherParameter.Total' would come back empty, because it has no setter");
                data.Add(by, typeof(PublicField), "PublicField.Number' is a field");
                data.Add(by, typeof(Inherited), "PrivateSetter.Number' would come back empty".Replace("PrivateSetter.", "Inherited.", StringComparison.Ordinal));
                data.Add(by, typeof(OfValueTuple), "OfValueTuple.Pair') is a tuple");
                data.Add(by, typeof(InList), "PrivateSetter.Number' would come back empty");
                data.Add(by, typeof(InDictionary), "PrivateSetter.Number' would come back empty");
                data.Add(by, typeof(InNullable), "PrivateSetterOfStruct.Number' would come back empty");
                data.Add(by, typeof(InDerived), "Card.Number' would come back empty");
            }

            return data;
        }
    }

    public static TheoryData<string, Type, string> Unreadable
    {
        get
        {
            var data = new TheoryData<string, Type, string>();
            foreach (var by in s_serializers.Keys)
            {
                data.Add(by, typeof(OfInterface), "IKind' (");
                data.Add(by, typeof(OfInterface), "is an interface, and nothing says which type to make of it");
                data.Add(by, typeof(OfAbstract), "is abstract, and nothing says which type to make of it");
                data.Add(by, typeof(NoConstructor), "NoConstructor' (the event) cannot be read back");
                data.Add(by, typeof(StrangeParameter), "StrangeParameter' (the event) cannot be read back");
                data.Add(by, typeof(OfClosedCollection), "ClosedCollection' (");
            }

            data.Add("reflection", typeof(OfDelegate), "System.Action' (");
            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Whole))]
    public void A_type_whose_state_comes_back_is_no_mistake(string by, Type type)
    {
        Assert.True(s_serializers[by].CanSerialize(type, out var reason), reason);
        Assert.True(s_serializers[by].KeepsAll(type, out reason), reason);
    }

    [Theory]
    [MemberData(nameof(Lossy))]
    public void A_member_that_does_not_come_back_is_named_with_its_type(string by, Type type, string expected)
    {
        Assert.True(s_serializers[by].CanSerialize(type, out var reason), reason);
        Assert.False(s_serializers[by].KeepsAll(type, out reason));
        Assert.Contains(expected, reason, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Unreadable))]
    public void A_type_that_cannot_be_read_is_refused_with_the_place_where_it_stands(string by, Type type, string expected)
    {
        Assert.False(s_serializers[by].CanSerialize(type, out var reason));
        Assert.Contains(expected, reason, StringComparison.Ordinal);
    }

    [Fact]
    public void All_mistakes_of_a_type_are_told_at_once()
    {
        s_serializers["reflection"].KeepsAll(typeof(Several), out var reason);

        foreach (var member in new[] { "Several.Number", "Several.Field", "GetOnly.Number" })
            Assert.Contains($"{member}'", reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Options_that_write_fields_are_enough_for_fields_and_tuples()
    {
        var serializer = new JsonEventSerializer(new JsonSerializerOptions { IncludeFields = true, TypeInfoResolver = new DefaultJsonTypeInfoResolver() });

        Assert.True(serializer.KeepsAll(typeof(OfValueTuple), out var reason), reason);
        Assert.True(serializer.KeepsAll(typeof(PublicField), out reason), reason);
        Assert.False(serializer.KeepsAll(typeof(ReadOnlyField), out reason));
        Assert.Contains("read-only", reason, StringComparison.Ordinal);
    }

    [Fact]
    public void No_constructor_of_the_application_is_called()
    {
        Assert.True(s_serializers["reflection"].CanSerialize(typeof(Counting), out var reason), reason);
        Assert.True(s_serializers["reflection"].KeepsAll(typeof(Counting), out reason), reason);
        Assert.True(s_serializers["reflection"].CanSerialize(typeof(CountingWithParameter), out reason), reason);

        Assert.Equal(0, Counting.Made);
    }

    internal sealed record Positional(int Number, string? Text);

    internal readonly record struct PositionalStruct(int Number, string? Text);

    internal sealed class Settable
    {
        public int Number { get; set; }
    }

    internal sealed class InitOnly
    {
        public required int Number { get; init; }
    }

    internal sealed class ByConstructor(int number, IReadOnlyList<string> lines)
    {
        public int Number { get; } = number;

        public IReadOnlyList<string> Lines { get; } = lines;
    }

    internal sealed record Computed(int Number)
    {
        private readonly int _twice = Number * 2;

        public int Twice => _twice;

        public IKind Kind => new NoKind();
    }

    internal sealed class Ignored
    {
        [JsonIgnore]
        public int Number { get; private set; }

        [JsonIgnore]
        public int Field = 5;
    }

    internal sealed class IncludedByReflection
    {
        [JsonInclude]
        public int Number { get; private set; }

        [JsonInclude]
        public int Field = 5;
    }

    internal sealed record Deep(Dictionary<string, List<Positional>> Lines, PositionalStruct? Struct, HashSet<Guid> Ids, KeyValuePair<string, int> Pair, int[][] Numbers, Uri Place, DateTimeOffset? At);

    internal sealed record OfTuple(Tuple<int, string> Pair);

    internal sealed class Populated
    {
        [JsonObjectCreationHandling(JsonObjectCreationHandling.Populate)]
        public List<int> Numbers { get; } = [];
    }

    internal sealed record Tree(Tree? Left, Tree? Right);

    internal sealed record OfConverter([property: JsonConverter(typeof(KindConverter))] IKind Kind);

    internal sealed record Anything(object Value);

    [JsonDerivedType(typeof(Cash), "cash")]
    internal abstract record Payment;

    internal sealed record Cash(decimal Amount) : Payment;

    internal sealed record OfDerived(Payment Payment);

    internal class PrivateSetter
    {
        public int Number { get; private set; }
    }

    internal struct PrivateSetterOfStruct
    {
        public int Number { get; private set; }
    }

    internal sealed class GetOnly
    {
        public int Number { get; } = 5;
    }

    internal sealed class OtherParameter(int number)
    {
        public int Number { get; } = number;

        public int Total { get; } = number * 2;
    }

    internal sealed class PublicField
    {
        public int Number = 5;
    }

    internal sealed class ReadOnlyField
    {
        public readonly int Number = 5;
    }

    internal sealed class Inherited : PrivateSetter;

    internal sealed record OfValueTuple((int Number, string Text) Pair);

    internal sealed record InList(IReadOnlyList<PrivateSetter> Lines);

    internal sealed record InDictionary(Dictionary<string, PrivateSetter> Lines);

    internal sealed record InNullable(PrivateSetterOfStruct? Line);

    [JsonDerivedType(typeof(Card), "card")]
    internal abstract record Means;

    internal sealed record Card : Means
    {
        public string Number { get; private set; } = "";
    }

    internal sealed record InDerived(Means Means);

    internal interface IKind
    {
        string Name { get; }
    }

    internal abstract class AbstractKind
    {
        public string Name { get; set; } = "";
    }

    internal sealed class NoKind : IKind
    {
        public string Name => "none";
    }

    internal sealed class KindConverter : JsonConverter<IKind>
    {
        public override IKind Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => new NoKind();

        public override void Write(Utf8JsonWriter writer, IKind value, JsonSerializerOptions options) => writer.WriteStringValue(value.Name);
    }

    internal sealed record OfInterface(IKind Kind);

    internal sealed record OfAbstract(AbstractKind Kind);

    internal sealed class NoConstructor
    {
        private NoConstructor()
        {
        }

        public int Number { get; set; }
    }

    internal sealed class StrangeParameter(int zeal)
    {
        public int Number { get; set; } = zeal;
    }

    internal sealed record OfClosedCollection(ClosedCollection Numbers);

    internal sealed class ClosedCollection : IReadOnlyCollection<int>
    {
        public int Count => 0;

        public IEnumerator<int> GetEnumerator() => Enumerable.Empty<int>().GetEnumerator();

        IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
    }

    internal sealed record OfDelegate(Action Then);

    internal sealed record Several(GetOnly Inner)
    {
        public int Field = 5;

        public int Number { get; private set; }
    }

    internal sealed class Counting
    {
        public static int Made;

        public Counting() => Made++;

        public int Number { get; set; }
    }

    internal sealed class CountingWithParameter
    {
        public CountingWithParameter(int number)
        {
            Counting.Made++;
            Number = number;
        }

        public int Number { get; }
    }

    [JsonSerializable(typeof(Positional))]
    [JsonSerializable(typeof(PositionalStruct))]
    [JsonSerializable(typeof(Settable))]
    [JsonSerializable(typeof(InitOnly))]
    [JsonSerializable(typeof(ByConstructor))]
    [JsonSerializable(typeof(Computed))]
    [JsonSerializable(typeof(Ignored))]
    [JsonSerializable(typeof(Deep))]
    [JsonSerializable(typeof(OfTuple))]
    [JsonSerializable(typeof(Populated))]
    [JsonSerializable(typeof(Tree))]
    [JsonSerializable(typeof(OfConverter))]
    [JsonSerializable(typeof(Anything))]
    [JsonSerializable(typeof(OfDerived))]
    [JsonSerializable(typeof(PrivateSetter))]
    [JsonSerializable(typeof(PrivateSetterOfStruct))]
    [JsonSerializable(typeof(GetOnly))]
    [JsonSerializable(typeof(OtherParameter))]
    [JsonSerializable(typeof(PublicField))]
    [JsonSerializable(typeof(Inherited))]
    [JsonSerializable(typeof(OfValueTuple))]
    [JsonSerializable(typeof(InList))]
    [JsonSerializable(typeof(InDictionary))]
    [JsonSerializable(typeof(InNullable))]
    [JsonSerializable(typeof(InDerived))]
    [JsonSerializable(typeof(OfInterface))]
    [JsonSerializable(typeof(OfAbstract))]
    [JsonSerializable(typeof(NoConstructor))]
    [JsonSerializable(typeof(StrangeParameter))]
    [JsonSerializable(typeof(OfClosedCollection))]
    internal sealed partial class StoredJson : JsonSerializerContext;
}
