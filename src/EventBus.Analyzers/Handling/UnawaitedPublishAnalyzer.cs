using EventBus.Analyzers.Symbols;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Operations;

namespace EventBus.Analyzers.Handling;

/// <summary>EB0002: what a handler publishes, or hands to the next one, belongs to its delivery, so it is awaited. EB0012: any other publish is awaited too, unless the code says that it is not meant to be.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
internal sealed class UnawaitedPublishAnalyzer() : BusAnalyzer(Rules.UnawaitedPublish, Rules.DroppedPublish)
{
    protected override void Begin(CompilationStartAnalysisContext start, BusSymbols bus) =>
        start.RegisterOperationAction(context => Look(context, bus), OperationKind.Invocation);

    private static void Look(OperationAnalysisContext context, BusSymbols bus)
    {
        var call = (IInvocationOperation)context.Operation;
        var isPublish = bus.IsPublish(call.TargetMethod);
        if (!(isPublish || bus.IsHandling(call.TargetMethod)) || !call.IsDropped(out var byChoice))
            return;
        if (call.IsInHandler(context.ContainingSymbol, bus))
            context.ReportDiagnostic(Diagnostic.Create(Rules.UnawaitedPublish, call.Syntax.GetLocation(), call.TargetMethod.Name));
        else if (isPublish && !byChoice)
            context.ReportDiagnostic(Diagnostic.Create(Rules.DroppedPublish, call.Syntax.GetLocation(), call.TargetMethod.Name));
    }
}
