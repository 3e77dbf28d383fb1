using EventBus.Analyzers.Symbols;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace EventBus.Analyzers.Registration;

/// <summary>What a registration says about its subscription, as far as it stands in the lambda that configures it.</summary>
internal sealed class Settings
{
    private readonly List<IInvocationOperation> _calls = new();

    private Settings(IAnonymousFunctionOperation lambda, BusSymbols bus)
    {
        var builder = lambda.Symbol.Parameters[0];
        foreach (var reference in lambda.Body.Descendants().OfType<IParameterReferenceOperation>())
        {
            if (SymbolEqualityComparer.Default.Equals(reference.Parameter, builder))
                Follow(reference, bus);
        }
    }

    /// <summary>Whether this is all that is said: false where the builder is handed on to code that may say more.</summary>
    public bool AreComplete { get; private set; } = true;

    public IInvocationOperation? Durable => Has("Inline") ? null : Find("Durable");

    /// <summary>The event types that are named in it, of a subscription to several.</summary>
    public IEnumerable<ITypeSymbol> Events => _calls.Where(static call => call.TargetMethod.Name == "On").Select(static call => call.TargetMethod.TypeArguments[0]);

    /// <summary>The settings of a registration, or null if it has none, or they do not stand in a lambda.</summary>
    public static Settings? Of(IInvocationOperation registration, BusSymbols bus)
    {
        foreach (var argument in registration.Arguments)
        {
            if (argument.Value.Unconverted() is IAnonymousFunctionOperation { Symbol.Parameters: { Length: 1 } parameters } lambda && IsBuilder(parameters[0].Type, bus))
                return new Settings(lambda, bus);
        }

        return null;
    }

    public bool Has(string setting) => Find(setting) is not null;

    private static bool IsBuilder(ITypeSymbol type, BusSymbols bus) =>
        SymbolEqualityComparer.Default.Equals(type.OriginalDefinition, bus.SubscriptionBuilder) || SymbolEqualityComparer.Default.Equals(type.OriginalDefinition, bus.MultiSubscriptionBuilder);

    private IInvocationOperation? Find(string setting) => _calls.FirstOrDefault(call => call.TargetMethod.Name == setting);

    // Each setting returns the builder, so a chain of them is a call on a call on a call.
    private void Follow(IOperation builder, BusSymbols bus)
    {
        var value = builder;
        while (true)
        {
            switch (value.Parent)
            {
                case IConversionOperation or IParenthesizedOperation:
                    value = value.Parent;
                    continue;
                case IInvocationOperation call when call.Instance == value && bus.IsOfTheBus(call.TargetMethod):
                    _calls.Add(call);
                    value = call;
                    continue;
                case IExpressionStatementOperation or IReturnOperation or ISimpleAssignmentOperation { Target: IDiscardOperation }:
                    return;
                default:
                    AreComplete = false;
                    return;
            }
        }
    }
}
