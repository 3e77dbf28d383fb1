using System.Collections.Immutable;
using EventBus.Analyzers.Symbols;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Operations;

namespace EventBus.Analyzers.Registration;

/// <summary>EB0004: the state of a durable subscription is kept under its name, so it has one.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
internal sealed class UnnamedDurableAnalyzer() : BusAnalyzer(Rules.UnnamedDurable)
{
    /// <summary>The property of the diagnostic that has a name for the fix.</summary>
    public const string SuggestedName = nameof(SuggestedName);

    protected override void Begin(CompilationStartAnalysisContext start, BusSymbols bus) =>
        start.RegisterOperationAction(context => Look(context, bus), OperationKind.Invocation);

    private static void Look(OperationAnalysisContext context, BusSymbols bus)
    {
        var registration = (IInvocationOperation)context.Operation;
        // AddSubscription takes the name as an argument.
        if (registration.TargetMethod.Name == "AddSubscription" || !bus.IsRegistration(registration.TargetMethod))
            return;
        if (Settings.Of(registration, bus) is not { AreComplete: true, Durable: { } durable } settings || settings.Has("Named"))
            return;
        var handled = HandlerOf(registration);
        var properties = ImmutableDictionary<string, string?>.Empty.Add(SuggestedName, SubscriptionName.Of(handled));
        context.ReportDiagnostic(Diagnostic.Create(Rules.UnnamedDurable, PlaceOf(durable), properties, handled.Name));
    }

    /// <summary>The handler's type, or that of the event where a lambda handles it.</summary>
    private static ITypeSymbol HandlerOf(IInvocationOperation registration)
    {
        var method = registration.TargetMethod;
        if (method.Name != "AddHandler")
            return method.TypeArguments[0];
        return method.TypeArguments.Length == 2 ? method.TypeArguments[1] : registration.Arguments[0].Value.Unconverted().Type ?? method.TypeArguments[0];
    }

    private static Location PlaceOf(IInvocationOperation call) => call.Syntax is InvocationExpressionSyntax { Expression: MemberAccessExpressionSyntax { Name: var name } } ? name.GetLocation() : call.Syntax.GetLocation();
}
