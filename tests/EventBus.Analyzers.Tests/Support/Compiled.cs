using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Testing;

namespace EventBus.Analyzers.Tests.Support;

/// <summary>What the code of a test is compiled with: the runtime that runs the test and the real bus, so that no test needs a network.</summary>
internal static class Compiled
{
    /// <summary>What most tests take for granted.</summary>
    private const string Prelude = """
        global using System;
        global using System.Collections.Generic;
        global using System.Linq;
        global using System.Threading;
        global using System.Threading.Tasks;
        global using EventBus;
        global using Microsoft.Extensions.DependencyInjection;

        public sealed record OrderPlaced(string Number);
        public sealed record OrderPaid(string Number);

        public interface IMailer { Task SendAsync(string text); }
        """;

    private static readonly ImmutableArray<MetadataReference> s_references =
    [
        .. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator).Where(IsNeeded).Select(static path => MetadataReference.CreateFromFile(path)),
    ];

    // Those of the testing library's own would have to be downloaded.
    private static readonly ReferenceAssemblies s_none = new("net");

    public static IReadOnlyList<MetadataReference> References => s_references;

    public static SyntaxTree PreludeTree { get; } = CSharpSyntaxTree.ParseText(Prelude);

    public static void Against(AnalyzerTest<DefaultVerifier> test, string code, bool withoutTheBus = false)
    {
        test.ReferenceAssemblies = s_none;
        // Each would analyze all again, for what Roslyn itself does.
        test.TestBehaviors = TestBehaviors.SkipSuppressionCheck | TestBehaviors.SkipGeneratedCodeCheck;
        test.TestState.OutputKind = OutputKind.DynamicallyLinkedLibrary;
        test.TestState.AdditionalReferences.AddRange(s_references.Where(reference => !withoutTheBus || !IsTheBus(reference.Display!)));
        Is(test.TestState, code, withoutTheBus);
        test.SolutionTransforms.Add(static (solution, project) => solution
            .WithProjectParseOptions(project, new CSharpParseOptions(LanguageVersion.Latest))
            .WithProjectCompilationOptions(project, solution.GetProject(project)!.CompilationOptions is CSharpCompilationOptions options ? options.WithNullableContextOptions(NullableContextOptions.Enable) : null!));
    }

    public static void Is(SolutionState state, string code, bool withoutPrelude = false)
    {
        state.Sources.Add(("Test.cs", code));
        if (!withoutPrelude)
            state.Sources.Add(("Prelude.cs", Prelude));
    }

    private static bool IsTheBus(string path) => Path.GetFileName(path).StartsWith("EventBus", StringComparison.Ordinal);

    private static bool IsNeeded(string path)
    {
        var name = Path.GetFileNameWithoutExtension(path);
        return name is "netstandard" or "mscorlib" or "EventBus" or "EventBus.Abstractions"
            || name.StartsWith("System.", StringComparison.Ordinal)
            || name.StartsWith("Microsoft.Extensions.", StringComparison.Ordinal);
    }
}
