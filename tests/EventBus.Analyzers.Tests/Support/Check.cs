using Microsoft.CodeAnalysis.CSharp.Testing;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Testing;

namespace EventBus.Analyzers.Tests.Support;

/// <summary>Runs one analyzer over code in which <c>{|EB0001:…|}</c> marks what it is to find.</summary>
internal static class Check<TAnalyzer>
    where TAnalyzer : DiagnosticAnalyzer, new()
{
    public static Task FindsAsync(string code)
    {
        Assert.Contains("{|EB", code, StringComparison.Ordinal);
        return RunAsync(code);
    }

    public static Task FindsNothingAsync(string code, string? generated = null)
    {
        Assert.DoesNotContain("{|EB", code, StringComparison.Ordinal);
        return RunAsync(code, generated);
    }

    /// <summary>The code has no types of the bus, and declares what it needs.</summary>
    public static Task FindsNothingWithoutTheBusAsync(string code) => RunAsync(code, withoutTheBus: true);

    private static Task RunAsync(string code, string? generated = null, bool withoutTheBus = false)
    {
        var test = new CSharpAnalyzerTest<TAnalyzer, DefaultVerifier>();
        Compiled.Against(test, code, withoutTheBus);
        if (generated is not null)
            test.TestState.Sources.Add(("Test.g.cs", generated));
        return test.RunAsync(TestContext.Current.CancellationToken);
    }
}
