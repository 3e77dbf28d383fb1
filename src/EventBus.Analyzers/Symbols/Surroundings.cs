using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace EventBus.Analyzers.Symbols;

/// <summary>Where an operation stands: in which function, in a handler or not, and what becomes of its value.</summary>
internal static class Surroundings
{
    /// <summary>Whether the code runs as part of a handler: in a function that takes the context, in one inside it, or in the class of a handler or a middleware.</summary>
    public static bool IsInHandler(this IOperation operation, ISymbol member, BusSymbols bus)
    {
        for (var outer = operation.Parent; outer is not null; outer = outer.Parent)
        {
            if (FunctionOf(outer) is { } function && bus.TakesContext(function))
                return true;
        }

        return (member is IMethodSymbol method && bus.TakesContext(method)) || (member.ContainingType is { } type && bus.RunsInDeliveries(type));
    }

    /// <summary>The function that an operation is, if it is a lambda or a local one.</summary>
    public static IMethodSymbol? FunctionOf(IOperation operation) => operation switch
    {
        IAnonymousFunctionOperation lambda => lambda.Symbol,
        ILocalFunctionOperation local => local.Symbol,
        _ => null,
    };

    /// <summary>Whether nobody gets the task that a call returns: as a statement, by discarding it, or after a mere <c>AsTask()</c>.</summary>
    public static bool IsDropped(this IOperation call) => call.IsDropped(out _);

    /// <param name="call">The call.</param>
    /// <param name="byChoice">Whether the code says so, by <c>_ =</c>.</param>
    /// <inheritdoc cref="IsDropped(IOperation)"/>
    public static bool IsDropped(this IOperation call, out bool byChoice)
    {
        byChoice = false;
        var value = call;
        for (; ; value = value.Parent)
        {
            switch (value.Parent)
            {
                case IConversionOperation or IParenthesizedOperation:
                case IConditionalAccessOperation access when access.WhenNotNull == value:
                case IInvocationOperation { TargetMethod.Name: "AsTask" or "ConfigureAwait" or "Preserve" } wrapped when wrapped.Instance == value:
                    continue;
                case IExpressionStatementOperation:
                    return true;
                case ISimpleAssignmentOperation { Target: IDiscardOperation }:
                    byChoice = true;
                    return true;
                default:
                    return false;
            }
        }
    }

    /// <summary>The value itself, without the conversions that the compiler put around it.</summary>
    public static IOperation Unconverted(this IOperation value)
    {
        while (value is IConversionOperation or IParenthesizedOperation or IDelegateCreationOperation)
        {
            value = value switch
            {
                IConversionOperation conversion => conversion.Operand,
                IParenthesizedOperation parenthesized => parenthesized.Operand,
                IDelegateCreationOperation creation => creation.Target,
                _ => value,
            };
        }

        return value;
    }
}
