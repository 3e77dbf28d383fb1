using System.Collections.Immutable;
using EventBus.Analyzers.Symbols;
using Microsoft.CodeAnalysis;

namespace EventBus.Analyzers.Events;

/// <summary>Finds what of an event would not come back from the event log.</summary>
internal static class LostState
{
    /// <summary>Public members that have state and that JSON does not bring back, as far up as the application's own types go.</summary>
    public static IReadOnlyList<ISymbol> MembersOf(INamedTypeSymbol type)
    {
        // Where nothing says which constructor is called, the type has another mistake.
        if (Has(type, "JsonConverterAttribute") || Has(type, "JsonObjectCreationHandlingAttribute") || ParametersOf(type) is not { } parameters)
            return Array.Empty<ISymbol>();
        List<ISymbol>? members = null;
        for (var declaring = type; declaring is { SpecialType: SpecialType.None } && !declaring.IsDotNets(); declaring = declaring.BaseType)
        {
            foreach (var member in declaring.GetMembers())
            {
                if (IsLost(member, declaring, parameters))
                    (members ??= new()).Add(member);
            }
        }

        return members ?? (IReadOnlyList<ISymbol>)Array.Empty<ISymbol>();
    }

    private static bool IsLost(ISymbol member, INamedTypeSymbol declaring, ImmutableArray<IParameterSymbol> parameters) =>
        member is { DeclaredAccessibility: Accessibility.Public, IsStatic: false, IsAbstract: false, IsImplicitlyDeclared: false } && !IsDecidedByAttribute(member) && member switch
        {
            IPropertySymbol { IsIndexer: false, GetMethod.DeclaredAccessibility: Accessibility.Public, SetMethod: { DeclaredAccessibility: not Accessibility.Public } } property => !IsOneOf(parameters, property),
            IPropertySymbol { IsIndexer: false, SetMethod: null } property => IsAutomatic(property, declaring) && !IsOneOf(parameters, property),
            IFieldSymbol { IsConst: false } => true,
            _ => false,
        };

    // The author of such an attribute has decided what is stored.
    private static bool IsDecidedByAttribute(ISymbol member) => member.GetAttributes().Any(static attribute =>
        attribute.AttributeClass is { } type && type.ContainingNamespace.ToDisplayString() == "System.Text.Json.Serialization" && type.Name != "JsonPropertyNameAttribute" && type.Name != "JsonPropertyOrderAttribute");

    private static bool IsAutomatic(IPropertySymbol property, INamedTypeSymbol declaring) =>
        declaring.GetMembers().OfType<IFieldSymbol>().Any(field => SymbolEqualityComparer.Default.Equals(field.AssociatedSymbol, property));

    private static bool IsOneOf(ImmutableArray<IParameterSymbol> parameters, IPropertySymbol property) =>
        parameters.Any(parameter => string.Equals(parameter.Name, property.Name, StringComparison.OrdinalIgnoreCase) && SymbolEqualityComparer.Default.Equals(parameter.Type, property.Type));

    /// <summary>The parameters of the constructor that the serializer calls; nothing where it finds none.</summary>
    private static ImmutableArray<IParameterSymbol>? ParametersOf(INamedTypeSymbol type)
    {
        var open = type.InstanceConstructors.Where(static constructor => constructor.DeclaredAccessibility == Accessibility.Public).ToArray();
        var called = type.InstanceConstructors.FirstOrDefault(static constructor => Has(constructor, "JsonConstructorAttribute"))
            ?? open.FirstOrDefault(static constructor => constructor.Parameters.IsEmpty)
            ?? (open.Length == 1 ? open[0] : null);
        return called?.Parameters;
    }

    private static bool Has(ISymbol symbol, string attribute) => symbol.GetAttributes().Any(given => given.AttributeClass?.Name == attribute);
}
