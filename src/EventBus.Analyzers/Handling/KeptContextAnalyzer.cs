using EventBus.Analyzers.Symbols;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Operations;

namespace EventBus.Analyzers.Handling;

/// <summary>EB0003: the context ends with its delivery, so nothing that outlives the handler may hold it.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
internal sealed class KeptContextAnalyzer() : BusAnalyzer(Rules.KeptContext)
{
    protected override void Begin(CompilationStartAnalysisContext start, BusSymbols bus)
    {
        var outliving = new Outliving(start.Compilation);
        start.RegisterOperationAction(context => LookAtValue(context, bus, outliving), OperationKind.ParameterReference);
        start.RegisterOperationAction(context => LookAtLambda(context, bus, outliving), OperationKind.AnonymousFunction);
        start.RegisterOperationAction(context => LookAtLocalFunction(context, bus, outliving), OperationKind.Invocation);
    }

    private static void LookAtValue(OperationAnalysisContext context, BusSymbols bus, Outliving outliving)
    {
        var reference = (IParameterReferenceOperation)context.Operation;
        if (!IsHandlersOwn(reference.Parameter, bus) || outliving.HolderOf(reference, reference.Parameter.ContainingSymbol) is not { } holder)
            return;
        var name = reference.Parameter.Name;
        context.ReportDiagnostic(Diagnostic.Create(Rules.KeptContext, reference.Syntax.GetLocation(), name, holder, $"Keep {name}.Capture() instead"));
    }

    private static void LookAtLambda(OperationAnalysisContext context, BusSymbols bus, Outliving outliving)
    {
        var lambda = (IAnonymousFunctionOperation)context.Operation;
        if (Captured(lambda, bus) is { } captured && outliving.HolderOf(lambda, captured.Parameter.ContainingSymbol) is { } holder)
            ReportCaptured(context, captured, holder);
    }

    private static void LookAtLocalFunction(OperationAnalysisContext context, BusSymbols bus, Outliving outliving)
    {
        var call = (IInvocationOperation)context.Operation;
        if (call.TargetMethod.MethodKind != MethodKind.LocalFunction || !outliving.IsTask(call.Type) || !call.IsDropped())
            return;
        var root = Root(call);
        var function = root.Descendants().OfType<ILocalFunctionOperation>().FirstOrDefault(local => SymbolEqualityComparer.Default.Equals(local.Symbol, call.TargetMethod.OriginalDefinition));
        if (function is not null && Captured(function, bus) is { } captured)
            ReportCaptured(context, captured, $"is handed to '{call.TargetMethod.Name}', which nobody awaits");
    }

    private static void ReportCaptured(OperationAnalysisContext context, IParameterReferenceOperation captured, string holder)
    {
        var name = captured.Parameter.Name;
        context.ReportDiagnostic(Diagnostic.Create(
            Rules.KeptContext,
            captured.Syntax.GetLocation(),
            name,
            holder,
            $"Await that in the handler, or call {name}.Capture() before and use what it returns"));
    }

    /// <summary>Where a function uses the context of a handler around it.</summary>
    private static IParameterReferenceOperation? Captured(IOperation function, BusSymbols bus) =>
        function.Descendants().OfType<IParameterReferenceOperation>().FirstOrDefault(reference =>
            IsHandlersOwn(reference.Parameter, bus) && !IsDeclaredIn(function, reference.Parameter.ContainingSymbol));

    private static bool IsDeclaredIn(IOperation function, ISymbol declaring) =>
        function.DescendantsAndSelf().Any(inner => SymbolEqualityComparer.Default.Equals(Surroundings.FunctionOf(inner), declaring));

    // An object that is made for one delivery may keep the context of it: only what handles is looked at.
    private static bool IsHandlersOwn(IParameterSymbol parameter, BusSymbols bus) =>
        bus.IsContext(parameter.Type) && parameter.ContainingSymbol is IMethodSymbol function && function.MethodKind switch
        {
            MethodKind.AnonymousFunction or MethodKind.LocalFunction => true,
            MethodKind.Ordinary or MethodKind.ExplicitInterfaceImplementation => bus.RunsInDeliveries(function.ContainingType),
            _ => false,
        };

    private static IOperation Root(IOperation operation)
    {
        while (operation.Parent is { } parent)
            operation = parent;
        return operation;
    }
}
