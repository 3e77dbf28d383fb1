using System.Reflection;
using System.Runtime.CompilerServices;

namespace EventBus.UnitTests.Architecture;

/// <summary>Which folder of an assembly's source uses which, from what the compiler wrote: signatures, fields, bases and method bodies.</summary>
/// <remarks>Constants and what is only named by <c>nameof</c> leave no trace in the assembly and are not seen.</remarks>
internal sealed class AssemblyReferences
{
    private const BindingFlags All = BindingFlags.DeclaredOnly | BindingFlags.Instance | BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic;

    private readonly Assembly _assembly;

    public AssemblyReferences(Assembly assembly)
    {
        _assembly = assembly;
        var folders = SourceFolders.Of(assembly);
        Folders = assembly.GetTypes()
            .Where(type => !type.IsNested && folders.ContainsKey(type.MetadataToken))
            .ToDictionary(static type => type, type => folders[type.MetadataToken]);
    }

    /// <summary>The folder of each type that somebody wrote and that is not nested in another.</summary>
    public IReadOnlyDictionary<Type, string> Folders { get; }

    public IEnumerable<Use> BetweenFolders() =>
        from type in _assembly.GetTypes()
        let user = Outermost(type)
        where Folders.ContainsKey(user)
        from used in UsedBy(type).SelectMany(Parts).Select(Outermost).Distinct()
        where used.Assembly == _assembly && Folders.ContainsKey(used) && Folders[user] != Folders[used]
        group used by (User: user, Used: used) into pair
        select new Use(Folders[pair.Key.User], Folders[pair.Key.Used], pair.Key.User.Name, pair.Key.Used.Name);

    private static Type Outermost(Type type)
    {
        while (type.DeclaringType is { } outer)
            type = outer;
        return type.IsGenericType ? type.GetGenericTypeDefinition() : type;
    }

    // What a type is put together from: the elements of arrays, the arguments of generics.
    private static IEnumerable<Type> Parts(Type type)
    {
        if (type.HasElementType)
            return Parts(type.GetElementType()!);
        if (type.IsGenericParameter)
            return [];
        return type.IsGenericType && !type.IsGenericTypeDefinition ? type.GetGenericArguments().SelectMany(Parts).Append(type.GetGenericTypeDefinition()) : [type];
    }

    private static IEnumerable<Type> UsedBy(Type type)
    {
        if (type.BaseType is { } parent)
            yield return parent;
        foreach (var used in type.GetInterfaces().Concat(Constraints(type.GetGenericArguments())))
            yield return used;
        foreach (var field in type.GetFields(All))
            yield return field.FieldType;
        foreach (var method in type.GetMethods(All).Cast<MethodBase>().Concat(type.GetConstructors(All)))
        {
            foreach (var used in UsedBy(method))
                yield return used;
        }
    }

    private static IEnumerable<Type> UsedBy(MethodBase method)
    {
        if (method is MethodInfo { ReturnType: var returned })
            yield return returned;
        foreach (var parameter in method.GetParameters())
            yield return parameter.ParameterType;
        if (method.IsGenericMethodDefinition)
        {
            foreach (var constraint in Constraints(method.GetGenericArguments()))
                yield return constraint;
        }

        if (method.GetCustomAttribute<AsyncStateMachineAttribute>() is { } machine)
            yield return machine.StateMachineType;
        if (method.GetMethodBody() is not { } body)
            yield break;
        foreach (var local in body.LocalVariables)
            yield return local.LocalType;
        foreach (var clause in body.ExceptionHandlingClauses.Where(static clause => clause.Flags == ExceptionHandlingClauseOptions.Clause))
            yield return clause.CatchType!;
        foreach (var member in MethodBodies.MembersOf(method, body))
        {
            foreach (var used in UsedBy(member))
                yield return used;
        }
    }

    private static IEnumerable<Type> UsedBy(MemberInfo member)
    {
        if (member.DeclaringType is { } owner)
            yield return owner;
        switch (member)
        {
            case Type type:
                yield return type;
                break;
            case FieldInfo field:
                yield return field.FieldType;
                break;
            case MethodInfo { IsGenericMethod: true } method:
                foreach (var argument in method.GetGenericArguments())
                    yield return argument;
                break;
        }
    }

    private static IEnumerable<Type> Constraints(Type[] arguments) =>
        arguments.Where(static argument => argument.IsGenericParameter).SelectMany(static argument => argument.GetGenericParameterConstraints());

    internal sealed record Use(string From, string To, string User, string Used)
    {
        public override string ToString() => $"{From}/{User} uses {To}/{Used}";
    }
}
