using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace EventBus.Recording;

/// <summary>Compares what was stored of an event with what would be stored of the event that is read from it.</summary>
internal sealed class StoredText(JsonSerializerOptions options)
{
    /// <summary>Where the two differ; nothing where they say the same. The order of sets and of dictionaries says nothing.</summary>
    public string? Difference(ReadOnlyMemory<byte> before, ReadOnlyMemory<byte> after, Type type)
    {
        if (before.Span.SequenceEqual(after.Span))
            return null;
        var reading = new JsonDocumentOptions { MaxDepth = options.MaxDepth };
        using var first = JsonDocument.Parse(before, reading);
        using var second = JsonDocument.Parse(after, reading);
        return Difference(first.RootElement, second.RootElement, ContractOf(type), "$");
    }

    private string? Difference(JsonElement before, JsonElement after, JsonTypeInfo? contract, string path)
    {
        if (before.ValueKind != after.ValueKind)
            return path;
        return before.ValueKind switch
        {
            JsonValueKind.Object => OfObjects(before, after, Derived(contract, before), path),
            JsonValueKind.Array => OfArrays(before, after, contract, path),
            _ => before.GetRawText() == after.GetRawText() ? null : path,
        };
    }

    private string? OfObjects(JsonElement before, JsonElement after, JsonTypeInfo? contract, string path)
    {
        var left = new Dictionary<string, JsonElement>(StringComparer.Ordinal);
        foreach (var member in after.EnumerateObject())
            left[member.Name] = member.Value;
        foreach (var member in before.EnumerateObject())
        {
            var place = $"{path}.{member.Name}";
            if (!left.Remove(member.Name, out var other))
                return place;
            if (Difference(member.Value, other, ContractOf(contract, member.Name), place) is { } difference)
                return difference;
        }

        return left.Count == 0 ? null : $"{path}.{left.Keys.First()}";
    }

    private string? OfArrays(JsonElement before, JsonElement after, JsonTypeInfo? contract, string path)
    {
        if (before.GetArrayLength() != after.GetArrayLength())
            return path;
        var (first, second) = (before.EnumerateArray().ToList(), after.EnumerateArray().ToList());
        if (contract is not null && StoredContract.IsSet(contract.Type))
        {
            first.Sort(ByText);
            second.Sort(ByText);
        }

        var element = contract is null ? null : ContractOf(StoredContract.ElementOf(contract));
        for (var i = 0; i < first.Count; i++)
        {
            if (Difference(first[i], second[i], element, $"{path}[{i}]") is { } difference)
                return difference;
        }

        return null;
    }

    private static int ByText(JsonElement one, JsonElement other) => string.CompareOrdinal(one.GetRawText(), other.GetRawText());

    private JsonTypeInfo? ContractOf(JsonTypeInfo? contract, string member) => contract?.Kind switch
    {
        JsonTypeInfoKind.Object => ContractOf(contract.Properties.FirstOrDefault(property => property.Name == member)?.PropertyType),
        JsonTypeInfoKind.Dictionary => ContractOf(StoredContract.ElementOf(contract)),
        _ => null,
    };

    private JsonTypeInfo? Derived(JsonTypeInfo? contract, JsonElement value)
    {
        if (contract?.PolymorphismOptions is not { } polymorphism || !value.TryGetProperty(polymorphism.TypeDiscriminatorPropertyName, out var discriminator))
            return contract;
        foreach (var derived in polymorphism.DerivedTypes)
        {
            if (derived.TypeDiscriminator?.ToString() == discriminator.ToString())
                return ContractOf(derived.DerivedType);
        }

        return contract;
    }

    private JsonTypeInfo? ContractOf(Type? type) =>
        type is not null && options.TryGetTypeInfo(Nullable.GetUnderlyingType(type) ?? type, out var contract) ? contract : null;
}
