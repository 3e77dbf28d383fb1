using System.Collections.Immutable;
using EventBus.Analyzers.Symbols;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Operations;

namespace EventBus.Analyzers.Events;

/// <summary>EB0005: all subscriptions see one instance of an event, so what is published or handled cannot be changed.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
internal sealed class ChangeableEventAnalyzer() : BusAnalyzer(Rules.ChangeableEvent)
{
    /// <summary>The property of the diagnostic that tells the fix the event's type.</summary>
    public const string EventType = nameof(EventType);

    protected override void Begin(CompilationStartAnalysisContext start, BusSymbols bus)
    {
        start.RegisterSymbolAction(context => LookAtHandler(context, bus), SymbolKind.NamedType);
        start.RegisterOperationAction(context => LookAtCall(context, bus), OperationKind.Invocation);
    }

    private static void LookAtHandler(SymbolAnalysisContext context, BusSymbols bus)
    {
        var type = (INamedTypeSymbol)context.Symbol;
        if (type.TypeKind != TypeKind.Class)
            return;
        foreach (var @event in bus.EventsOf(type))
            Look(@event, type.Locations[0], context.ReportDiagnostic);
    }

    private static void LookAtCall(OperationAnalysisContext context, BusSymbols bus)
    {
        var call = (IInvocationOperation)context.Operation;
        var method = call.TargetMethod;
        if (method.Name is "Handle" or "Subscribe" && bus.IsRegistration(method))
            Look(method.TypeArguments[0], PlaceOf(call), context.ReportDiagnostic);
        else if (bus.IsPublish(method) && call.Arguments.FirstOrDefault(static argument => argument.Parameter is { Name: "event" }) is { Value: var published })
            Look(published.Unconverted().Type, published.Syntax.GetLocation(), context.ReportDiagnostic);
    }

    private static void Look(ITypeSymbol? @event, Location place, Action<Diagnostic> report)
    {
        // Of a struct every subscription has a copy.
        if (@event is not INamedTypeSymbol { TypeKind: TypeKind.Class } type || Changeable.MembersOf(type) is not { Count: > 0 } members)
            return;
        var properties = ImmutableDictionary<string, string?>.Empty.Add(EventType, type.OriginalDefinition.GetDocumentationCommentId());
        report(Diagnostic.Create(Rules.ChangeableEvent, place, properties, type.Name, string.Join(", ", members.Select(static member => $"'{member.Name}'"))));
    }

    private static Location PlaceOf(IInvocationOperation call) => call.Syntax switch
    {
        InvocationExpressionSyntax { Expression: MemberAccessExpressionSyntax { Name: var name } } => name.GetLocation(),
        var syntax => syntax.GetLocation(),
    };
}
