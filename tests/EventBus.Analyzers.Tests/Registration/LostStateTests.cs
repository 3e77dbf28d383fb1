using Check = EventBus.Analyzers.Tests.Support.Check<EventBus.Analyzers.Registration.LostStateAnalyzer>;

namespace EventBus.Analyzers.Tests.Registration;

public sealed class LostStateTests
{
    [Theory]
    [InlineData("public class Sold { public int Count { get; private set; } }")]
    [InlineData("public class Sold { public int Count { get; protected internal set; } }")]
    [InlineData("public class Sold { public int Count { get; private init; } }")]
    [InlineData("public class Sold { public int Count { get; } = 5; }")]
    [InlineData("public class Sold(int size) { public int Count { get; } = size; }")]
    [InlineData("public class Sold(string count) { public int Count { get; } = count.Length; }")]
    [InlineData("public record Sold(string Number) { public int Count { get; private set; } }")]
    [InlineData("public class Sold { public int Count; }")]
    [InlineData("public struct Sold { public int Count { get; private set; } }")]
    [InlineData("public class Base { public int Count { get; private set; } } public class Sold : Base;")]
    [InlineData("public class Sold { [JsonPropertyName(\"count\")] public int Count { get; private set; } }")]
    public Task State_that_does_not_come_back_is_found_where_it_is_stored(string declaration) => Check.FindsAsync(In(
        declaration,
        """
        bus.Handle<Sold>((sold, context, token) => default, s => {|EB0010:s.Named("sold").Durable()|});
        bus.AddSubscription<Handler>("all", s => {|EB0010:s.Durable()|}.On<Sold>());
        bus.AddEvent<Sold>(e => {|EB0010:e.Logged()|});
        """));

    [Theory]
    [InlineData("public record Sold(int Count);")]
    [InlineData("public class Sold { public int Count { get; set; } public int Size { get; init; } }")]
    [InlineData("public class Sold(int count) { public int Count { get; } = count; }")]
    [InlineData("public class Sold { [JsonConstructor] private Sold(int count) => Count = count; public int Count { get; } }")]
    [InlineData("public class Sold { public int Size { get; set; } public int Twice => Size * 2; public int Thrice { get { return Size * 3; } } }")]
    [InlineData("public class Sold { [JsonIgnore] public int Count { get; private set; } [JsonInclude] public int Size { get; private set; } [JsonInclude] public int Field; }")]
    [InlineData("public class Sold { public const int Size = 1; public static int Count { get; private set; } internal int Hidden { get; private set; } private int _field; public int Field() => _field++; }")]
    [InlineData("[JsonConverter(typeof(int))] public class Sold { public int Count { get; private set; } }")]
    [InlineData("public abstract class Sold { public int Count { get; private set; } }")]
    [InlineData("public interface Sold { int Count { get; } }")]
    public Task What_comes_back_or_is_decided_by_an_attribute_is_as_it_should_be(string declaration) => Check.FindsNothingAsync(In(
        declaration,
        """
        bus.Handle<Sold>((sold, context, token) => default, s => s.Named("sold").Durable());
        bus.AddEvent<Sold>(e => e.Logged());
        """));

    [Theory]
    [InlineData("bus.Handle<Sold>((sold, context, token) => default, s => s.Named(\"sold\"));")]
    [InlineData("bus.AddEvent<Sold>(e => e.Named(\"sold\"));")]
    [InlineData("bus.AddEvent<Sold>(e => e.Logged().StoresPart());")]
    [InlineData("bus.AddEvent<Sold>(e => e.StoresPart()); bus.Handle<Sold>((sold, context, token) => default, s => s.Named(\"sold\").Durable());")]
    [InlineData("bus.UseSerializer(serializer); bus.AddEvent<Sold>(e => e.Logged());")]
    public Task What_is_not_stored_or_stored_in_another_way_is_as_it_should_be(string statements) =>
        Check.FindsNothingAsync(In("public class Sold { public int Count { get; private set; } }", statements));

    internal static string In(string declaration, string statements) => $$"""
        using System.Text.Json.Serialization;

        {{declaration}}

        public class Handler : IEventHandler<object>
        {
            public ValueTask HandleAsync(object sold, EventContext context, CancellationToken cancellationToken) => default;
        }

        static class Setup
        {
            static void Add(EventBusBuilder bus, EventBus.Storage.IEventSerializer serializer)
            {
                {{statements}}
            }
        }
        """;
}
