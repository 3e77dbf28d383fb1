using EventBus.Analyzers.Symbols;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Operations;

namespace EventBus.Analyzers.Handling;

/// <summary>EB0011: a handler that was given the bus publishes with it, and so past the delivery that it belongs to.</summary>
/// <remarks>Only what a handler was given: a variable of the code around a lambda may be another bus on purpose.</remarks>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
internal sealed class BusInHandlerAnalyzer() : BusAnalyzer(Rules.BusInHandler)
{
    protected override void Begin(CompilationStartAnalysisContext start, BusSymbols bus) =>
        start.RegisterOperationAction(context => Look(context, bus), OperationKind.Invocation);

    private static void Look(OperationAnalysisContext context, BusSymbols bus)
    {
        var call = (IInvocationOperation)context.Operation;
        if (!bus.IsPublish(call.TargetMethod) || PublisherOf(call)?.Unconverted() is not { } publisher || !bus.IsBus(publisher.Type))
            return;
        if (IsGiven(publisher, context.ContainingSymbol, bus) && call.IsInHandler(context.ContainingSymbol, bus) && !IsService(context.ContainingSymbol.ContainingType))
            context.ReportDiagnostic(Diagnostic.Create(Rules.BusInHandler, publisher.Syntax.GetLocation(), publisher.Syntax.ToString()));
    }

    // An extension method has its publisher as an argument; after ?. it stands further out.
    private static IOperation? PublisherOf(IInvocationOperation call)
    {
        var publisher = call.Instance ?? (call.TargetMethod.IsExtensionMethod && call.Arguments.Length > 0 ? call.Arguments[0].Value : null);
        if (publisher is not IConditionalAccessInstanceOperation)
            return publisher;
        for (IOperation? outer = call; outer is not null; outer = outer.Parent)
        {
            if (outer is IConditionalAccessOperation access)
                return access.Operation;
        }

        return null;
    }

    /// <summary>Whether the handler was given it: injected into its class, handed to its lambda, or taken from its services.</summary>
    private static bool IsGiven(IOperation publisher, ISymbol member, BusSymbols bus) => publisher switch
    {
        IFieldReferenceOperation { Instance: IInstanceReferenceOperation } or IPropertyReferenceOperation { Instance: IInstanceReferenceOperation } =>
            member.ContainingType is { } type && bus.RunsInDeliveries(type),
        IParameterReferenceOperation { Parameter.ContainingSymbol: IMethodSymbol owner } =>
            bus.TakesContext(owner) || (owner.MethodKind == MethodKind.Constructor && !SymbolEqualityComparer.Default.Equals(owner, member) && bus.RunsInDeliveries(owner.ContainingType)),
        IInvocationOperation { TargetMethod: { ContainingType.Name: "ServiceProviderServiceExtensions" or "ServiceProviderKeyedServiceExtensions", IsGenericMethod: true } } => true,
        _ => false,
    };

    // A class that also runs by itself publishes by itself too.
    private static bool IsService(INamedTypeSymbol? type) => type is not null && type.AllInterfaces.Any(static one => one.Name == "IHostedService");
}
