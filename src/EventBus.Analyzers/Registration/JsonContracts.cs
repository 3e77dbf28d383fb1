using EventBus.Analyzers.Symbols;
using Microsoft.CodeAnalysis;

namespace EventBus.Analyzers.Registration;

/// <summary>The types that source-generated JSON contexts know: those that are named, and those that they are made of.</summary>
internal sealed class JsonContracts
{
    private readonly HashSet<ITypeSymbol> _types = new(SymbolEqualityComparer.Default);
    private readonly INamedTypeSymbol? _derivedType;

    public JsonContracts(Compilation compilation, IEnumerable<INamedTypeSymbol> contexts)
    {
        _derivedType = compilation.GetTypeByMetadataName("System.Text.Json.Serialization.JsonDerivedTypeAttribute");
        var serializable = compilation.GetTypeByMetadataName("System.Text.Json.Serialization.JsonSerializableAttribute");
        foreach (var type in contexts.SelectMany(context => TypesNamedBy(context, serializable)))
            Add(type);
    }

    public bool Contain(ITypeSymbol type) => _types.Contains(type);

    private void Add(ITypeSymbol type)
    {
        if (!_types.Add(type))
            return;
        switch (type)
        {
            case IArrayTypeSymbol array:
                Add(array.ElementType);
                break;
            case INamedTypeSymbol named:
                foreach (var part in named.TypeArguments.Concat(TypesNamedBy(named, _derivedType)).Concat(MembersOf(named)))
                    Add(part);
                break;
        }
    }

    private static IEnumerable<ITypeSymbol> TypesNamedBy(INamedTypeSymbol type, INamedTypeSymbol? attribute) =>
        type.GetAttributes().Where(given => attribute is not null && SymbolEqualityComparer.Default.Equals(given.AttributeClass, attribute) && given.ConstructorArguments.Length > 0)
            .Select(static given => given.ConstructorArguments[0].Value).OfType<ITypeSymbol>();

    private static IEnumerable<ITypeSymbol> MembersOf(INamedTypeSymbol type)
    {
        for (var declaring = type; declaring is { SpecialType: SpecialType.None } && !declaring.IsDotNets(); declaring = declaring.BaseType)
        {
            foreach (var member in declaring.GetMembers())
            {
                if (member is IPropertySymbol { IsStatic: false } property)
                    yield return property.Type;
                else if (member is IFieldSymbol { IsStatic: false } field)
                    yield return field.Type;
            }
        }
    }
}
