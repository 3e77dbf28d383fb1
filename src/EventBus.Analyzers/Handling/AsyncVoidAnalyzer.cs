using EventBus.Analyzers.Symbols;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Operations;

namespace EventBus.Analyzers.Handling;

/// <summary>EB0001: nobody can wait for async void, so a handler neither is it nor calls it; nor is a function that configures the bus.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
internal sealed class AsyncVoidAnalyzer() : BusAnalyzer(Rules.AsyncVoid)
{
    private const string ReturnTask = "Return a Task and await it";
    private const string AwaitBefore = "Await before the registration: what follows the first await is done after it";

    protected override void Begin(CompilationStartAnalysisContext start, BusSymbols bus)
    {
        start.RegisterSymbolAction(context => LookAtMethod(context, bus), SymbolKind.Method);
        start.RegisterOperationAction(context => LookAtFunction(context, bus), OperationKind.AnonymousFunction, OperationKind.LocalFunction);
        start.RegisterOperationAction(context => LookAtCall(context, bus), OperationKind.Invocation);
    }

    private static void LookAtMethod(SymbolAnalysisContext context, BusSymbols bus)
    {
        var method = (IMethodSymbol)context.Symbol;
        if (IsAsyncVoid(method) && (bus.RunsInDeliveries(method.ContainingType) || bus.TakesContext(method)))
            context.ReportDiagnostic(Diagnostic.Create(Rules.AsyncVoid, method.Locations[0], $"'{method.Name}'", ReturnTask));
    }

    private static void LookAtFunction(OperationAnalysisContext context, BusSymbols bus)
    {
        var function = Surroundings.FunctionOf(context.Operation);
        if (function is null || !IsAsyncVoid(function))
            return;
        if (context.Operation is ILocalFunctionOperation)
        {
            if (bus.TakesContext(function) || context.Operation.IsInHandler(context.ContainingSymbol, bus))
                context.ReportDiagnostic(Diagnostic.Create(Rules.AsyncVoid, function.Locations[0], $"'{function.Name}'", ReturnTask));
        }
        else if (ConfiguresTheBus(context.Operation, bus))
        {
            context.ReportDiagnostic(Diagnostic.Create(Rules.AsyncVoid, PlaceOf(context.Operation), "This configuration", AwaitBefore));
        }
        else if (bus.TakesContext(function) || context.Operation.IsInHandler(context.ContainingSymbol, bus))
        {
            context.ReportDiagnostic(Diagnostic.Create(Rules.AsyncVoid, PlaceOf(context.Operation), "This lambda", ReturnTask));
        }
    }

    // What is declared in a handler is reported there.
    private static void LookAtCall(OperationAnalysisContext context, BusSymbols bus)
    {
        var call = (IInvocationOperation)context.Operation;
        var method = call.TargetMethod;
        if (IsAsyncVoid(method) && !IsOfAHandler(method, bus) && call.IsInHandler(context.ContainingSymbol, bus))
            context.ReportDiagnostic(Diagnostic.Create(Rules.AsyncVoid, call.Syntax.GetLocation(), $"'{method.Name}'", ReturnTask));
    }

    private static bool IsOfAHandler(IMethodSymbol method, BusSymbols bus)
    {
        for (ISymbol? around = method; around is IMethodSymbol function; around = around.ContainingSymbol)
        {
            if (bus.TakesContext(function))
                return true;
        }

        return bus.RunsInDeliveries(method.ContainingType);
    }

    // That of a sender and its arguments has to be void, as everywhere in .NET.
    private static bool IsAsyncVoid(IMethodSymbol method) => method is { IsAsync: true, ReturnsVoid: true } && !IsEventHandler(method);

    private static bool IsEventHandler(IMethodSymbol method) =>
        method.Parameters.Length == 2 && method.Parameters[0].Type.SpecialType == SpecialType.System_Object && IsEventArgs(method.Parameters[1].Type);

    private static bool IsEventArgs(ITypeSymbol? type)
    {
        for (; type is not null; type = type.BaseType)
        {
            if (type is { Name: "EventArgs", ContainingNamespace: { Name: "System", ContainingNamespace.IsGlobalNamespace: true } })
                return true;
        }

        return false;
    }

    private static bool ConfiguresTheBus(IOperation lambda, BusSymbols bus)
    {
        var value = lambda;
        while (value.Parent is IConversionOperation or IDelegateCreationOperation)
            value = value.Parent;
        return value.Parent is IArgumentOperation { Parent: IInvocationOperation call } && bus.IsOfTheBus(call.TargetMethod);
    }

    private static Location PlaceOf(IOperation lambda) => lambda.Syntax switch
    {
        AnonymousFunctionExpressionSyntax { AsyncKeyword: var keyword } => keyword.GetLocation(),
        var syntax => syntax.GetLocation(),
    };
}
