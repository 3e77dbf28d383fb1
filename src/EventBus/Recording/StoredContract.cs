using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace EventBus.Recording;

/// <summary>Walks the JSON contract of an event type, and of all types that it holds, and finds what would not come back from storage.</summary>
/// <remarks>Only what is sure is a mistake. Where trimming has removed what would have to be looked at, or a converter decides, nothing is said; the first event of the type that is
/// stored shows it: see <see cref="RecordCodec"/>.</remarks>
internal sealed class StoredContract
{
    private const string TheEvent = "the event";

    private readonly JsonSerializerOptions _options;
    private readonly HashSet<Type> _known = [];
    private readonly Queue<(Type Type, string Where)> _left = new();

    private StoredContract(JsonSerializerOptions options) => _options = options;

    /// <summary>Why an event could not be written or read at all.</summary>
    public List<string> Unreadable { get; } = [];

    /// <summary>What of an event would be lost.</summary>
    public List<string> Lost { get; } = [];

    public static StoredContract Of(Type eventType, JsonSerializerOptions options)
    {
        var contract = new StoredContract(options);
        contract.Add(eventType, TheEvent);
        while (contract._left.TryDequeue(out var next))
            contract.Look(next.Type, next.Where);
        return contract;
    }

    private void Add(Type type, string where)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        if (_known.Add(type))
            _left.Enqueue((type, where));
    }

    private void Look(Type type, string where)
    {
        try
        {
            if (!_options.TryGetTypeInfo(type, out var contract))
                Unreadable.Add($"no JSON contract is known for {(where == TheEvent ? "it" : $"'{NameOf(type)}' ({where})")}. Add [JsonSerializable(typeof({type.Name}))] to the context that is given to UseJson(...)");
            else
                Look(contract, where);
        }
        catch (Exception error) when (error is InvalidOperationException or NotSupportedException or ArgumentException)
        {
            Unreadable.Add($"'{NameOf(type)}' ({where}): {error.Message}");
        }
    }

    private void Look(JsonTypeInfo contract, string where)
    {
        var type = contract.Type;
        // What a converter does is its own affair.
        if (type == typeof(object) || contract.Converter.GetType().Assembly != typeof(JsonSerializer).Assembly)
            return;
        if (contract.PolymorphismOptions is { DerivedTypes: { Count: > 0 } derived })
        {
            foreach (var one in derived)
                Add(one.DerivedType, $"derived from '{NameOf(type)}'");
            if (type.IsAbstract)
                return;
        }

        if (contract.Kind == JsonTypeInfoKind.Object && type.IsAbstract)
        {
            Unreadable.Add($"'{NameOf(type)}' ({where}) is {(type.IsInterface ? "an interface" : "abstract")}, and nothing says which type to make of it when it is read. Name its types with [JsonDerivedType], or use a class");
            return;
        }

        if (WhyNotRead(contract) is { } reason)
        {
            Unreadable.Add($"'{NameOf(type)}' ({where}) cannot be read back: {reason} {(contract.Kind == JsonTypeInfoKind.Object ? "Give it a public constructor whose parameters have the names and types of its properties, or one with [JsonConstructor]" : "Use a type that can, or a converter")}");
            return;
        }

        if (contract.Kind == JsonTypeInfoKind.Object)
            LookAtMembers(contract, where);
        else if (contract.Kind is JsonTypeInfoKind.Enumerable or JsonTypeInfoKind.Dictionary && ElementOf(contract) is { } element)
            Add(element, $"in '{NameOf(type)}'");
    }

    private void LookAtMembers(JsonTypeInfo contract, string where)
    {
        var type = contract.Type;
        if (type.IsValueType && typeof(ITuple).IsAssignableFrom(type) && contract.Properties.Count == 0)
        {
            Lost.Add($"'{NameOf(type)}' ({where}) is a tuple, whose items are fields and are not stored. Use a record, or set JsonSerializerOptions.IncludeFields");
            return;
        }

        foreach (var property in contract.Properties)
        {
            if (property.Set is null && !IsPopulated(contract, property) && !IsSetByConstructor(contract, property))
                LookAtUnset(type, property);
            else if (property.CustomConverter is null && !property.IsExtensionData)
                Add(property.PropertyType, $"'{NameOf(type)}.{MemberOf(property, type)?.Name ?? property.Name}'");
        }

        foreach (var field in FieldsOf(type))
        {
            if (field.GetCustomAttribute<JsonIgnoreAttribute>() is null && !contract.Properties.Any(property => property.Name == field.Name || Equals(property.AttributeProvider, field)))
                Lost.Add($"'{NameOf(type)}.{field.Name}' is a field, which is not stored. Make it a property, or add [JsonInclude]; or [JsonIgnore], where it is not to be stored");
        }
    }

    // A property without a setter that computes its value has nothing to lose.
    private void LookAtUnset(Type type, JsonPropertyInfo property)
    {
        if (property.Get is null)
            return;
        switch (MemberOf(property, type))
        {
            case PropertyInfo { SetMethod: not null } member:
                Lost.Add($"'{NameOf(type)}.{member.Name}' would come back empty, because its setter is not public and the serializer cannot call it. Make it init or public, or add [JsonInclude]; or [JsonIgnore], where it is not to be stored");
                break;
            case PropertyInfo { GetMethod: { } getter } member when getter.IsDefined(typeof(CompilerGeneratedAttribute), inherit: false):
                Lost.Add($"'{NameOf(type)}.{member.Name}' would come back empty, because it has no setter and no constructor parameter of its name and type. Add init, or such a parameter, or compute it with =>; or add [JsonIgnore], where it is not to be stored");
                break;
            case FieldInfo member:
                Lost.Add($"'{NameOf(type)}.{member.Name}' would come back empty, because it is read-only and no constructor parameter has its name and type. Add such a parameter; or [JsonIgnore], where it is not to be stored");
                break;
        }
    }

    private bool IsPopulated(JsonTypeInfo contract, JsonPropertyInfo property) =>
        (property.ObjectCreationHandling ?? contract.PreferredPropertyObjectCreationHandling ?? _options.PreferredObjectCreationHandling) == JsonObjectCreationHandling.Populate;

    /// <summary>Lets the serializer say itself whether it can make such an object. What it is given ends before a constructor of the application would be called.</summary>
    private static string? WhyNotRead(JsonTypeInfo contract)
    {
        // Whoever has this is made by it, and it would be called.
        if (contract.CreateObject is not null)
            return null;
        try
        {
            JsonSerializer.Deserialize(contract.Kind == JsonTypeInfoKind.Enumerable ? "["u8 : "{"u8, contract);
            return null;
        }
        catch (NotSupportedException error)
        {
            return WithoutPath(error.Message);
        }
        catch (InvalidOperationException error) when (contract.Kind == JsonTypeInfoKind.Object)
        {
            return WithoutPath(error.Message);
        }
        catch (Exception)
        {
            return null;
        }
    }

#if NET9_0_OR_GREATER
    private static bool IsSetByConstructor(JsonTypeInfo contract, JsonPropertyInfo property) => contract.CreateObject is null && property.AssociatedParameter is not null;
#else
    // The contract does not say it. Where the constructor was trimmed away it may have the parameter.
    private static bool IsSetByConstructor(JsonTypeInfo contract, JsonPropertyInfo property) =>
        contract.CreateObject is null
        && (ConstructorOf(contract.Type) is not { } constructor
            || constructor.GetParameters().Any(parameter => parameter.ParameterType == property.PropertyType
                && string.Equals(parameter.Name, MemberOf(property, contract.Type)?.Name ?? property.Name, StringComparison.OrdinalIgnoreCase)));

    [UnconditionalSuppressMessage("Trimming", "IL2070", Justification = "What was trimmed away is not found, and then nothing is said.")]
    private static ConstructorInfo? ConstructorOf(Type type)
    {
        var all = type.GetConstructors(BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance);
        var open = Array.FindAll(all, static constructor => constructor.IsPublic);
        return Array.Find(all, static constructor => constructor.IsDefined(typeof(JsonConstructorAttribute), inherit: false)) ?? (open.Length == 1 ? open[0] : null);
    }
#endif

    // A generated contract does not name its members before .NET 9; then the name is the member's, unless a policy has changed it.
    [UnconditionalSuppressMessage("Trimming", "IL2070", Justification = "What was trimmed away is not found, and then nothing is said.")]
    private static MemberInfo? MemberOf(JsonPropertyInfo property, Type type) =>
        property.AttributeProvider as MemberInfo ?? type.GetProperty(property.Name, BindingFlags.Public | BindingFlags.Instance);

    [UnconditionalSuppressMessage("Trimming", "IL2070", Justification = "As above.")]
    private static FieldInfo[] FieldsOf(Type type) => type.GetFields(BindingFlags.Public | BindingFlags.Instance);

    [UnconditionalSuppressMessage("Trimming", "IL2075", Justification = "As above.")]
    public static Type? ElementOf(JsonTypeInfo contract)
    {
        var type = contract.Type;
        if (type.IsArray)
            return type.GetElementType();
        var element = (Is(type, typeof(IEnumerable<>)) ? type : Array.Find(type.GetInterfaces(), static one => Is(one, typeof(IEnumerable<>))))?.GenericTypeArguments[0];
        return element is not null && contract.Kind == JsonTypeInfoKind.Dictionary && Is(element, typeof(KeyValuePair<,>)) ? element.GenericTypeArguments[1] : element;
    }

    /// <summary>Whether its elements have no order.</summary>
    [UnconditionalSuppressMessage("Trimming", "IL2070", Justification = "What was trimmed away is not found; then the order counts.")]
    public static bool IsSet(Type type) =>
        IsOf(type) || Array.Exists(type.GetInterfaces(), IsOf);

    private static bool IsOf(Type type) => Is(type, typeof(ISet<>)) || Is(type, typeof(IReadOnlySet<>));

    private static bool Is(Type type, Type generic) => type.IsGenericType && type.GetGenericTypeDefinition() == generic;

    private static string WithoutPath(string message) => message.IndexOf(" Path: ", StringComparison.Ordinal) is > 0 and var end ? message[..end] : message;

    private static string NameOf(Type type) => type.FullName is { } name && !type.IsGenericType ? name : type.ToString();
}
