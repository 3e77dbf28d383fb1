using System.Reflection;

namespace EventBus.BehaviourTests.Settings;

/// <summary>One place of the public surface that takes a number, a time or a text: a property that can be set, or a parameter.</summary>
/// <param name="Member">The property, the method or the constructor.</param>
/// <param name="Parameter">The parameter of the method; nothing for a property.</param>
internal sealed record PublicInput(MemberInfo Member, ParameterInfo? Parameter)
{
    public Type Owner => Member.DeclaringType is { IsGenericType: true } owner ? owner.GetGenericTypeDefinition() : Member.DeclaringType!;

    public Type Type
    {
        get
        {
            var type = Parameter?.ParameterType ?? ((PropertyInfo)Member).PropertyType;
            return Nullable.GetUnderlyingType(type) ?? type;
        }
    }

    // Messages use the words of the builder's methods, which are those of the code that is wrong.
    private static readonly Dictionary<string, string> s_alsoCalled = new()
    {
        [nameof(SubscriptionSettings.RetriesPerSecond)] = "retrybudget",
        [nameof(SubscriptionSettings.RetryBurst)] = "retrybudget'sburst",
        [nameof(SubscriptionSettings.MaxAbandoned)] = "WhenStuck",
    };

    /// <summary>What a message may call it.</summary>
    public IEnumerable<string> Names => Parameter is null ? [Member.Name, s_alsoCalled.GetValueOrDefault(Member.Name, Member.Name)] : [Parameter.Name!, Member.Name == ".ctor" ? Owner.Name : Member.Name];

    public override string ToString()
    {
        var name = Owner.Name.Split('`')[0];
        return Parameter is null ? $"{name}.{Member.Name}" : $"{name}.{(Member.Name == ".ctor" ? "new" : Member.Name)}({string.Join(", ", ((MethodBase)Member).GetParameters().Select(static parameter => parameter.Name))}): {Parameter.Name}";
    }

    /// <summary>Calls the method with the value, and with ordinary values for what else it takes.</summary>
    public object? Call(object? target, object value, params object?[] given)
    {
        var method = (MethodBase)Member;
        if (target is not null && Owner.IsGenericType)
            method = MethodOf(target.GetType(), method);
        if (method is MethodInfo { IsGenericMethodDefinition: true } generic)
            method = generic.MakeGenericMethod([.. generic.GetGenericArguments().Select(static (_, i) => i == 0 ? typeof(Attempted) : typeof(string))]);
        var arguments = method.GetParameters().Select(parameter => parameter.Position == Parameter!.Position ? value : Ordinary(parameter, given)).ToArray();
        return method is ConstructorInfo constructor
            ? constructor.Invoke(BindingFlags.DoNotWrapExceptions, null, arguments, null)
            : method.Invoke(target, BindingFlags.DoNotWrapExceptions, null, arguments, null);
    }

    /// <summary>Sets the property, by its init accessor too.</summary>
    public T Set<T>(T target, object value)
    {
        ((PropertyInfo)Member).SetValue(target, value, BindingFlags.DoNotWrapExceptions, null, null, null);
        return target;
    }

    private static MethodInfo MethodOf(Type closed, MethodBase open)
    {
        for (var type = closed; type is not null; type = type.BaseType)
        {
            if (type.GetMethods(BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly).FirstOrDefault(method => method.MetadataToken == open.MetadataToken && method.Module == open.Module) is { } found)
                return found;
        }

        throw new InvalidOperationException($"{closed} has no {open}.");
    }

    private static object? Ordinary(ParameterInfo parameter, object?[] given)
    {
        if (given.FirstOrDefault(parameter.ParameterType.IsInstanceOfType) is { } argument)
            return argument;
        if (parameter.HasDefaultValue)
            return parameter.DefaultValue ?? (parameter.ParameterType.IsValueType ? Activator.CreateInstance(parameter.ParameterType) : null);
        return parameter.ParameterType switch
        {
            var type when type == typeof(string) => "ordinary",
            var type when type == typeof(int) => 2,
            var type when type == typeof(double) => 1.0,
            var type when type == typeof(TimeSpan) => TimeSpan.FromSeconds(1),
            var type when type == typeof(DateTimeOffset) => DateTimeOffset.UnixEpoch,
            var type when type == typeof(Func<Attempted, string>) => (Attempted attempted) => "key",
            var type when type.IsValueType => Activator.CreateInstance(type),
            _ => null,
        };
    }
}
