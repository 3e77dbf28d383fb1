using System.Reflection;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

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

    private static readonly MetadataReference[] s_references =
    [
        .. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator).Select(static path => MetadataReference.CreateFromFile(path)),
    ];

    // What [JsonSerializable] stands for is written by the generator that comes with .NET.
    private static readonly ISourceGenerator s_json = ((IIncrementalGenerator)Activator.CreateInstance(
        Assembly.LoadFrom(Path.Combine(AppContext.BaseDirectory, "System.Text.Json.SourceGeneration.dll")).GetType("System.Text.Json.SourceGeneration.JsonSourceGenerator", throwOnError: true)!)!).AsSourceGenerator();

    private static readonly SyntaxTree s_usings = CSharpSyntaxTree.ParseText(GlobalUsings);
    private static readonly SyntaxTree s_prelude = CSharpSyntaxTree.ParseText(Prelude.Code);

    /// <returns>What the compiler finds wrong.</returns>
    public static IReadOnlyList<string> Errors(string code)
    {
        var unit = CSharpSyntaxTree.ParseText(code).GetCompilationUnitRoot();
        var isProgram = unit.Usings.Count > 0;
        var statements = unit.Members.OfType<GlobalStatementSyntax>().ToArray();
        // A text may show a type before the statements that use it; the compiler wants them the other way round.
        var inOrder = CSharpSyntaxTree.ParseText(unit.WithMembers([.. statements, .. unit.Members.Except(statements)]).ToFullString());
        var compilation = CSharpCompilation.Create(
            "Snippet",
            isProgram ? [inOrder, s_usings] : [inOrder, s_usings, s_prelude],
            s_references,
            new CSharpCompilationOptions(
                statements.Length > 0 ? OutputKind.ConsoleApplication : OutputKind.DynamicallyLinkedLibrary,
                nullableContextOptions: NullableContextOptions.Enable,
                // A publish that nobody awaits is a mistake that readers copy.
                specificDiagnosticOptions: [KeyValuePair.Create("CS4014", ReportDiagnostic.Error)]));
        if (code.Contains("[JsonSerializable", StringComparison.Ordinal))
            compilation = Generate(compilation);
        return [.. compilation.GetDiagnostics().Where(static diagnostic => diagnostic.Severity == DiagnosticSeverity.Error).Select(static diagnostic => diagnostic.ToString())];
    }

    private static CSharpCompilation Generate(CSharpCompilation compilation)
    {
        CSharpGeneratorDriver.Create(s_json).RunGeneratorsAndUpdateCompilation(compilation, out var generated, out _);
        return (CSharpCompilation)generated;
    }
}
