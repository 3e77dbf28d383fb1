using EventBus.Analyzers.Symbols;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Operations;

namespace EventBus.Analyzers.Handling;

/// <summary>EB0002: what a handler publishes, or hands to the next one, belongs to its delivery, so it is awaited.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
internal sealed class UnawaitedPublishAnalyzer() : BusAnalyzer(Rules.UnawaitedPublish)
{
    protected override void Begin(CompilationStartAnalysisContext start, BusSymbols bus) =>
        start.RegisterOperationAction(context => Look(context, bus), OperationKind.Invocation);

    private static void Look(OperationAnalysisContext context, BusSymbols bus)
    {
        var call = (IInvocationOperation)context.Operation;
        if ((bus.IsPublish(call.TargetMethod) || bus.IsHandling(call.TargetMethod)) && call.IsDropped() && call.IsInHandler(context.ContainingSymbol, bus))
            context.ReportDiagnostic(Diagnostic.Create(Rules.UnawaitedPublish, call.Syntax.GetLocation(), call.TargetMethod.Name));
    }
}
