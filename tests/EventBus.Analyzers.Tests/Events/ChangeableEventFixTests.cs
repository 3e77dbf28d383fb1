using Check = EventBus.Analyzers.Tests.Support.CheckWithFix<EventBus.Analyzers.Events.ChangeableEventAnalyzer, EventBus.CodeFixes.InitSetterFix>;

namespace EventBus.Analyzers.Tests.Events;

public sealed class ChangeableEventFixTests
{
    [Fact]
    public Task Setters_become_init_only() => Check.FixesAsync(
        In("public class Sold { public string Number { get; set; } = \"\"; public int Count { get; set; } }", "_ = new Sold { Number = \"1\", Count = 2 }.Number;", "{|EB0005:Handler|}"),
        In("public class Sold { public string Number { get; init; } = \"\"; public int Count { get; init; } }", "_ = new Sold { Number = \"1\", Count = 2 }.Number;", "Handler"));

    [Fact]
    public Task A_constructor_may_set_them() => Check.FixesAsync(
        In("public record Sold { public Sold() => Number = \"\"; public string Number { get; set; } }", "_ = new Sold() with { Number = \"1\" };", "{|EB0005:Handler|}"),
        In("public record Sold { public Sold() => Number = \"\"; public string Number { get; init; } }", "_ = new Sold() with { Number = \"1\" };", "Handler"));

    [Theory]
    [InlineData("public class Sold { public int Count { get; set; } }", "new Sold().Count = 3;")]
    [InlineData("public class Sold { public int Count { get; set; } }", "new Sold().Count++;")]
    [InlineData("public class Sold { public int Count { get; set; } public void Add() => Count += 1; }", "")]
    [InlineData("public class Sold { public int Count { get; set; } public int Other { get; set; } }", "(new Sold().Count, var b) = (1, 2);")]
#if NET10_0_OR_GREATER
    [InlineData("public class Sold { public int Count { get; set; } }", "Sold? maybe = sold; maybe?.Count = 3;")]
#endif
    [InlineData("public class Sold { public int Count { get; set; } } public class Both { public Sold One { get; } = new(); }", "_ = new Both { One = { Count = 3 } };")]
    [InlineData("public interface ICounted { int Count { get; set; } } public class Sold : ICounted { public int Count { get; set; } }", "")]
    [InlineData("public class Sold { public virtual int Count { get; set; } }", "")]
    [InlineData("public class Sold { public int Count; }", "")]
    public Task What_is_set_later_or_decided_elsewhere_has_no_fix(string declaration, string statement) => Check.OffersNothingAsync(In(declaration, statement, "{|EB0005:Handler|}"));

    private static string In(string declaration, string statement, string handler) => $$"""
        {{declaration}}

        class {{handler}} : IEventHandler<Sold>
        {
            public ValueTask HandleAsync(Sold sold, EventContext context, CancellationToken cancellationToken)
            {
                {{statement}}
                return default;
            }
        }
        """;
}
