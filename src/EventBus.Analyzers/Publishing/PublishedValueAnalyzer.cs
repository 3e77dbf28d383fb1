using EventBus.Analyzers.Symbols;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Operations;

namespace EventBus.Analyzers.Publishing;

/// <summary>EB0007 and EB0008: what is published is neither a task, for want of an await, nor a collection, for want of <c>PublishManyAsync</c>.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
internal sealed class PublishedValueAnalyzer() : BusAnalyzer(Rules.PublishedTask, Rules.PublishedCollection)
{
    protected override void Begin(CompilationStartAnalysisContext start, BusSymbols bus)
    {
        var tasks = new TaskTypes(start.Compilation);
        start.RegisterOperationAction(context => Look(context, bus, tasks), OperationKind.Invocation);
    }

    private static void Look(OperationAnalysisContext context, BusSymbols bus, TaskTypes tasks)
    {
        var call = (IInvocationOperation)context.Operation;
        if (!bus.IsPublish(call.TargetMethod) || EventOf(call) is not { } @event || @event.Unconverted().Type is not { } type)
            return;
        var published = call.TargetMethod.Name == "PublishManyAsync" ? Collections.ElementOf(type) : type;
        if (tasks.Contain(published))
            context.ReportDiagnostic(Diagnostic.Create(Rules.PublishedTask, @event.Syntax.GetLocation(), NameOf(published!)));
        else if (call.TargetMethod.Name != "PublishManyAsync" && Collections.IsCollection(type) && !NamesItsEvent(call))
            context.ReportDiagnostic(Diagnostic.Create(Rules.PublishedCollection, @event.Syntax.GetLocation(), NameOf(type), RemedyOf(call.TargetMethod)));
    }

    private static IOperation? EventOf(IInvocationOperation call) => call.Arguments.FirstOrDefault(static argument => argument.Parameter is { Name: "event" or "events" })?.Value;

    // Who writes PublishAsync<Order[]>(orders) or For<Order[]>() means the array.
    private static bool NamesItsEvent(IInvocationOperation call) =>
        call.TargetMethod.ContainingType.IsGenericType || call.TargetMethod.Parameters[0].Type is INamedTypeSymbol { IsGenericType: true, Name: "IEventPublisher" }
        || call.Syntax is InvocationExpressionSyntax { Expression: MemberAccessExpressionSyntax { Name: GenericNameSyntax } or MemberBindingExpressionSyntax { Name: GenericNameSyntax } or GenericNameSyntax };

    private static string RemedyOf(IMethodSymbol method) => method.Name == "PublishAsync" ? "Publish its elements with PublishManyAsync" : "Schedule each of its elements";

    private static string NameOf(ITypeSymbol type) => type.ToDisplayString(SymbolDisplayFormat.MinimallyQualifiedFormat);
}
