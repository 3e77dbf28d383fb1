using Check = EventBus.Analyzers.Tests.Support.CheckWithFix<EventBus.Analyzers.Registration.LostStateAnalyzer, EventBus.CodeFixes.StoredMemberFix>;

namespace EventBus.Analyzers.Tests.Registration;

public sealed class LostStateFixTests
{
    private const string Found = "bus.AddEvent<Sold>(e => {|EB0010:e.Logged()|});";
    private const string Mended = "bus.AddEvent<Sold>(e => e.Logged());";

    [Theory]
    [InlineData("public class Sold { public int Count { get; private set; } }", "public class Sold { public int Count { get; init; } }")]
    [InlineData("public class Sold { public int Count { get; } = 5; }", "public class Sold { public int Count { get; init; } = 5; }")]
    [InlineData("public class Sold { public Sold() => Count = 1; public int Count { get; protected set; } }", "public class Sold { public Sold() => Count = 1; public int Count { get; init; } }")]
    [InlineData("public class Sold { public int Count { get; } public int Size { get; private set; } }", "public class Sold { public int Count { get; init; } public int Size { get; init; } }")]
    public Task Properties_get_init_only_setters(string declaration, string expected) => Check.FixesAsync(LostStateTests.In(declaration, Found), LostStateTests.In(expected, Mended));

    [Theory]
    [InlineData("public class Sold { public int Count { get; private set; } public void Add() => Count++; }")]
    [InlineData("public class Sold { public int Count; }")]
    [InlineData("public class Sold { public int Count { get; } public int Size; }")]
    public Task What_is_set_later_or_is_no_property_has_no_fix(string declaration) => Check.OffersNothingAsync(LostStateTests.In(declaration, Found));
}
