using System.Collections.Immutable;
using EventBus.Analyzers.Symbols;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;

namespace EventBus.Analyzers;

/// <summary>An analyzer of code that uses the bus; where the bus is not referenced it does nothing.</summary>
internal abstract class BusAnalyzer(params DiagnosticDescriptor[] rules) : DiagnosticAnalyzer
{
    public sealed override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics { get; } = ImmutableArray.Create(rules);

    protected virtual GeneratedCodeAnalysisFlags GeneratedCode => GeneratedCodeAnalysisFlags.None;

    public sealed override void Initialize(AnalysisContext context)
    {
        context.ConfigureGeneratedCodeAnalysis(GeneratedCode);
        context.EnableConcurrentExecution();
        context.RegisterCompilationStartAction(start =>
        {
            if (BusSymbols.In(start.Compilation) is { } bus)
                Begin(start, bus);
        });
    }

    /// <summary>Registers what is to be looked at in one compilation.</summary>
    protected abstract void Begin(CompilationStartAnalysisContext start, BusSymbols bus);
}
