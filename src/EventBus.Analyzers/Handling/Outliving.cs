using EventBus.Analyzers.Symbols;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace EventBus.Analyzers.Handling;

/// <summary>Tells what may hold a value after the function that got it has returned.</summary>
internal sealed class Outliving(Compilation compilation)
{
    private static readonly string[] s_adding =
    [
        "Add", "TryAdd", "AddOrUpdate", "GetOrAdd", "AddFirst", "AddLast", "Insert", "Enqueue", "TryEnqueue", "Push", "TryPush", "TryWrite", "WriteAsync",
    ];

    private readonly TaskTypes _tasks = new(compilation);
    private readonly INamedTypeSymbol? _completion = compilation.GetTypeByMetadataName("System.Threading.Tasks.TaskCompletionSource`1");
    private readonly INamedTypeSymbol? _threadPool = compilation.GetTypeByMetadataName("System.Threading.ThreadPool");
    private readonly INamedTypeSymbol? _thread = compilation.GetTypeByMetadataName("System.Threading.Thread");
    private readonly INamedTypeSymbol? _timer = compilation.GetTypeByMetadataName("System.Threading.Timer");
    private readonly INamedTypeSymbol? _timeProvider = compilation.GetTypeByMetadataName("System.TimeProvider");

    /// <summary>What becomes of a value, in words that follow its name; null where it can be told to end in time, or where nothing can be told.</summary>
    /// <param name="value">The context, or a lambda that uses it.</param>
    /// <param name="function">The function that got the context.</param>
    public string? HolderOf(IOperation value, ISymbol function)
    {
        while (value.Parent is IConversionOperation or IParenthesizedOperation or IDelegateCreationOperation or ITupleOperation)
            value = value.Parent;
        return value.Parent switch
        {
            ISimpleAssignmentOperation assignment when assignment.Value == value && IsOutside(assignment.Target, function) => $"is stored in '{NameOf(assignment.Target)}'",
            IEventAssignmentOperation { Adds: true, EventReference: IEventReferenceOperation { Event.Name: var name, Instance: var source } } when source is null || IsOutside(source, function) => $"is used by a handler of the .NET event '{name}'",
            IArgumentOperation { Parent: IInvocationOperation call } argument => HolderBy(call, argument, function),
            IReturnOperation { Parent: IBlockOperation { Parent: IAnonymousFunctionOperation factory } } when CallWith(factory) is { } call && Adds(call, function) => $"is stored in '{NameOf(call.Instance!)}'", // Adds to something.
            IArgumentOperation { Parent: IObjectCreationOperation creation } when Is(creation.Type, _thread) || Is(creation.Type, _timer) => $"is handed to a {creation.Type!.Name}",
            _ => null,
        };
    }

    public bool IsTask(ITypeSymbol? type) => _tasks.Contain(type);

    private string? HolderBy(IInvocationOperation call, IArgumentOperation argument, ISymbol function)
    {
        var method = call.TargetMethod;
        var owner = method.ContainingType.OriginalDefinition;
        if (Is(owner, _completion) && method.Name is "SetResult" or "TrySetResult")
            return $"is handed on by '{method.Name}'";
        if ((Is(owner, _threadPool) && method.Name is "QueueUserWorkItem" or "UnsafeQueueUserWorkItem") || (Is(owner, _timeProvider) && method.Name == "CreateTimer"))
            return $"is handed to '{method.Name}'";
        if (IsElement(argument.Parameter) && Adds(call, function))
            return $"is stored in '{NameOf(call.Instance!)}'"; // Adds to something.
        if (!IsTask(call.Type))
            return null;
        if (call.IsDropped())
            return $"is handed to '{method.Name}', which nobody awaits";
        return call.Parent is ISimpleAssignmentOperation assignment && IsOutside(assignment.Target, function) ? $"is handed to '{method.Name}', whose task is stored in '{NameOf(assignment.Target)}'" : null;
    }

    private static bool Adds(IInvocationOperation call, ISymbol function) =>
        call.Instance is not null && IsOutside(call.Instance, function) && s_adding.Contains(call.TargetMethod.Name) && call.TargetMethod.ContainingNamespace?.ToDisplayString() is { } space
        && (space.StartsWith("System.Collections", StringComparison.Ordinal) || space == "System.Threading.Channels");

    // Not what an element is made with: GetOrAdd calls that, or hands it on, and forgets it.
    private static bool IsElement(IParameterSymbol? parameter) =>
        parameter?.OriginalDefinition.Type is ITypeParameterSymbol { TypeParameterKind: TypeParameterKind.Type } or { SpecialType: SpecialType.System_Object };

    private static IInvocationOperation? CallWith(IOperation lambda)
    {
        while (lambda.Parent is IConversionOperation or IDelegateCreationOperation)
            lambda = lambda.Parent;
        return (lambda.Parent as IArgumentOperation)?.Parent as IInvocationOperation;
    }

    // A field or property of the object itself, or static; a parameter of its primary constructor; or a variable of a function around this one.
    private static bool IsOutside(IOperation target, ISymbol function) => target switch
    {
        IFieldReferenceOperation field => field.Instance is null || IsOutside(field.Instance, function),
        IPropertyReferenceOperation property => property.Instance is null || IsOutside(property.Instance, function),
        IInstanceReferenceOperation self => self.ReferenceKind == InstanceReferenceKind.ContainingTypeInstance,
        ILocalReferenceOperation local => IsAround(local.Local.ContainingSymbol, function),
        IParameterReferenceOperation { Parameter.ContainingSymbol: var owner } => IsAround(owner, function) || (owner is IMethodSymbol { MethodKind: MethodKind.Constructor } && !SymbolEqualityComparer.Default.Equals(owner, function)),
        IConversionOperation or IParenthesizedOperation => IsOutside(target.Unconverted(), function),
        _ => false,
    };

    private static bool IsAround(ISymbol outer, ISymbol function)
    {
        for (var around = function.ContainingSymbol; around is IMethodSymbol; around = around.ContainingSymbol)
        {
            if (SymbolEqualityComparer.Default.Equals(around, outer))
                return true;
        }

        return false;
    }

    private static string NameOf(IOperation target) => target switch
    {
        IPropertyReferenceOperation { Property.IsIndexer: true, Instance: { } indexed } => NameOf(indexed),
        IMemberReferenceOperation member => member.Member.Name,
        ILocalReferenceOperation local => local.Local.Name,
        IParameterReferenceOperation parameter => parameter.Parameter.Name,
        _ => target.Syntax.ToString(),
    };

    private static bool Is(ITypeSymbol? type, INamedTypeSymbol? wanted) => wanted is not null && SymbolEqualityComparer.Default.Equals(type?.OriginalDefinition, wanted);
}
