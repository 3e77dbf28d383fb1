using Microsoft.CodeAnalysis;

namespace EventBus.Analyzers.Symbols;

/// <summary>Whose a type is.</summary>
internal static class Origin
{
    /// <summary>Whether it came with .NET, and is not the application's to change.</summary>
    public static bool IsDotNets(this INamedTypeSymbol type)
    {
        var space = type.ContainingNamespace;
        while (space is { IsGlobalNamespace: false, ContainingNamespace.IsGlobalNamespace: false })
            space = space.ContainingNamespace;
        return space is { Name: "System" or "Microsoft" };
    }
}
