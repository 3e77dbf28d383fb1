using Microsoft.CodeAnalysis;

namespace EventBus.Analyzers.Symbols;

/// <summary>The types that an <c>await</c> is for.</summary>
internal sealed class TaskTypes(Compilation compilation)
{
    private readonly INamedTypeSymbol? _task = compilation.GetTypeByMetadataName("System.Threading.Tasks.Task");
    private readonly INamedTypeSymbol? _valueTask = compilation.GetTypeByMetadataName("System.Threading.Tasks.ValueTask");
    private readonly INamedTypeSymbol? _valueTaskOf = compilation.GetTypeByMetadataName("System.Threading.Tasks.ValueTask`1");

    public bool Contain(ITypeSymbol? type) => Is(type, _task) || Is(type, _valueTask) || Is(type, _valueTaskOf) || Is(type?.BaseType, _task);

    private static bool Is(ITypeSymbol? type, INamedTypeSymbol? wanted) => wanted is not null && SymbolEqualityComparer.Default.Equals(type?.OriginalDefinition, wanted);
}
