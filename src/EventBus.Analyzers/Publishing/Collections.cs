using Microsoft.CodeAnalysis;

namespace EventBus.Analyzers.Publishing;

/// <summary>Tells .NET's own collections from a type of the application, which may well be an event even where it can be enumerated.</summary>
internal static class Collections
{
    // Bytes are one thing, in as many parts as there may be.
    public static bool IsCollection(ITypeSymbol type) => type is IArrayTypeSymbol { ElementType.SpecialType: not SpecialType.System_Byte } || (IsInCollections(type) && ElementOf(type) is not null);

    /// <summary>What a collection has in it.</summary>
    public static ITypeSymbol? ElementOf(ITypeSymbol type) =>
        type is IArrayTypeSymbol array ? array.ElementType : type.AllInterfaces.Concat(new[] { type }).OfType<INamedTypeSymbol>().FirstOrDefault(IsEnumerable)?.TypeArguments[0];

    private static bool IsEnumerable(INamedTypeSymbol type) => type.OriginalDefinition.SpecialType == SpecialType.System_Collections_Generic_IEnumerable_T;

    private static bool IsInCollections(ITypeSymbol type)
    {
        for (var space = type.ContainingNamespace; space is { IsGlobalNamespace: false }; space = space.ContainingNamespace)
        {
            if (space is { Name: "Collections" or "Linq", ContainingNamespace: { Name: "System", ContainingNamespace.IsGlobalNamespace: true } })
                return true;
        }

        return false;
    }
}
