using EventBus.Analyzers.Symbols;
using Microsoft.CodeAnalysis;

namespace EventBus.Analyzers.Events;

/// <summary>Finds what of an event anybody can change.</summary>
internal static class Changeable
{
    /// <summary>Public properties with a public setter, and public fields, as far up as the application's own types go.</summary>
    public static IReadOnlyList<ISymbol> MembersOf(INamedTypeSymbol type)
    {
        List<ISymbol>? members = null;
        for (var declaring = type; declaring is { SpecialType: SpecialType.None } && !declaring.IsDotNets(); declaring = declaring.BaseType)
        {
            foreach (var member in declaring.GetMembers())
            {
                if (IsChangeable(member))
                    (members ??= new()).Add(member);
            }
        }

        return members ?? (IReadOnlyList<ISymbol>)Array.Empty<ISymbol>();
    }

    private static bool IsChangeable(ISymbol member) => member is { DeclaredAccessibility: Accessibility.Public, IsStatic: false } && member switch
    {
        IPropertySymbol { IsIndexer: false, SetMethod: { IsInitOnly: false, DeclaredAccessibility: Accessibility.Public } } => true,
        IFieldSymbol { IsReadOnly: false, IsConst: false, IsImplicitlyDeclared: false } => true,
        _ => false,
    };
}
