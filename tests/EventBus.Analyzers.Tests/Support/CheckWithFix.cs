using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp.Testing;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Testing;

namespace EventBus.Analyzers.Tests.Support;

/// <summary>Runs one analyzer over code in which <c>{|EB0001:…|}</c> marks what it is to find, and then its fix.</summary>
internal static class CheckWithFix<TAnalyzer, TFix>
    where TAnalyzer : DiagnosticAnalyzer, new()
    where TFix : CodeFixProvider, new()
{
    /// <summary>The fix makes the one code of the other.</summary>
    public static Task FixesAsync(string code, string expected)
    {
        var test = new CSharpCodeFixTest<TAnalyzer, TFix, DefaultVerifier>();
        Compiled.Against(test, code);
        Compiled.Is(test.FixedState, expected);
        // One document is all there is.
        test.CodeFixTestBehaviors = CodeFixTestBehaviors.SkipFixAllInProjectCheck | CodeFixTestBehaviors.SkipFixAllInSolutionCheck;
        return test.RunAsync(TestContext.Current.CancellationToken);
    }

    /// <summary>What is found has no fix, because none would be sure.</summary>
    public static Task OffersNothingAsync(string code) => FixesAsync(code, code);
}
