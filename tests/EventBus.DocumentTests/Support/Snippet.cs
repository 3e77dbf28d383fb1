using System.Collections.Immutable;
using System.Reflection;
using EventBus.Analyzers;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Diagnostics;

namespace EventBus.DocumentTests.Support;

/// <summary>Compiles a code block of a document: a whole program as it stands, or statements and types on top of <see cref="Prelude"/>.</summary>
internal static class Snippet
{
    private const string GlobalUsings = """
        global using System;
        global using System.Collections.Generic;
        global using System.IO;
        global using System.Linq;
        global using System.Threading;
        global using System.Threading.Tasks;
        """;

    // What a project of the web has besides.
    private const string WebUsings = """
        global using Microsoft.AspNetCore.Builder;
        global using Microsoft.AspNetCore.Hosting;
        global using Microsoft.AspNetCore.Http;
        global using Microsoft.AspNetCore.Routing;
        global using Microsoft.Extensions.Configuration;
        global using Microsoft.Extensions.DependencyInjection;
        global using Microsoft.Extensions.Hosting;
        global using Microsoft.Extensions.Logging;
        """;

    private static readonly MetadataReference[] s_references =
    [
        .. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator).Select(static path => MetadataReference.CreateFromFile(path)),
    ];

    // What [JsonSerializable] stands for is written by the generator that comes with .NET.
    private static readonly ISourceGenerator s_json = ((IIncrementalGenerator)Activator.CreateInstance(
        Assembly.LoadFrom(Path.Combine(AppContext.BaseDirectory, "System.Text.Json.SourceGeneration.dll")).GetType("System.Text.Json.SourceGeneration.JsonSourceGenerator", throwOnError: true)!)!).AsSourceGenerator();

    private static readonly SyntaxTree s_usings = CSharpSyntaxTree.ParseText(GlobalUsings);
    private static readonly SyntaxTree s_webUsings = CSharpSyntaxTree.ParseText(WebUsings);
    private static readonly SyntaxTree s_prelude = CSharpSyntaxTree.ParseText(Prelude.Code);

    private static readonly ImmutableArray<DiagnosticAnalyzer> s_analyzers =
    [
        .. typeof(Rules).Assembly.GetTypes().Where(static type => !type.IsAbstract && type.IsSubclassOf(typeof(DiagnosticAnalyzer))).Select(static type => (DiagnosticAnalyzer)Activator.CreateInstance(type)!),
    ];

    /// <returns>What the compiler finds wrong.</returns>
    public static IReadOnlyList<string> Errors(string code) =>
        [.. Compile(code).Compilation.GetDiagnostics().Where(static diagnostic => diagnostic.Severity == DiagnosticSeverity.Error).Select(static diagnostic => diagnostic.ToString())];

    /// <returns>What the analyzers of the bus find, each with its line of code.</returns>
    public static async Task<IReadOnlyList<(string Line, string Rule)>> FindingsAsync(string code)
    {
        var (compilation, shown) = Compile(code);
        var lines = shown.GetText().Lines;
        var found = await compilation.WithAnalyzers(s_analyzers).GetAnalyzerDiagnosticsAsync();
        return [.. found.Where(diagnostic => diagnostic.Location.SourceTree == shown).Select(diagnostic => (lines.GetLineFromPosition(diagnostic.Location.SourceSpan.End).ToString().Trim(), diagnostic.Id)).Distinct()];
    }

    private static (CSharpCompilation Compilation, SyntaxTree Shown) Compile(string code)
    {
        var unit = CSharpSyntaxTree.ParseText(code).GetCompilationUnitRoot();
        var isProgram = unit.Usings.Count > 0;
        var statements = unit.Members.OfType<GlobalStatementSyntax>().ToArray();
        // A text may show a type before the statements that use it; the compiler wants them the other way round.
        var inOrder = CSharpSyntaxTree.ParseText(unit.WithMembers([.. statements, .. unit.Members.Except(statements)]).ToFullString());
        var compilation = CSharpCompilation.Create(
            "Snippet",
            !isProgram ? [inOrder, s_usings, s_prelude] : code.Contains("WebApplication.", StringComparison.Ordinal) ? [inOrder, s_usings, s_webUsings] : [inOrder, s_usings],
            s_references,
            new CSharpCompilationOptions(
                statements.Length > 0 ? OutputKind.ConsoleApplication : OutputKind.DynamicallyLinkedLibrary,
                nullableContextOptions: NullableContextOptions.Enable,
                // A publish that nobody awaits is a mistake that readers copy.
                specificDiagnosticOptions: [KeyValuePair.Create("CS4014", ReportDiagnostic.Error)]));
        return (code.Contains("[JsonSerializable", StringComparison.Ordinal) ? Generate(compilation) : compilation, inOrder);
    }

    private static CSharpCompilation Generate(CSharpCompilation compilation)
    {
        CSharpGeneratorDriver.Create(s_json).RunGeneratorsAndUpdateCompilation(compilation, out var generated, out _);
        return (CSharpCompilation)generated;
    }
}
