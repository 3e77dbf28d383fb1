using System.Diagnostics.CodeAnalysis;
using System.Reflection;

namespace EventBus.DependencyInjection;

/// <summary>Finds the handlers of an assembly.</summary>
internal static class HandlerScan
{
    [RequiresUnreferencedCode("Looks at all types of an assembly.")]
    public static List<(Type Handler, Type Event)> In(Assembly assembly, Func<Type, bool>? filter) =>
    [
        .. from type in assembly.GetTypes()
           where type is { IsClass: true, IsAbstract: false, ContainsGenericParameters: false } && filter?.Invoke(type) != false
           from eventType in EventTypesOf(type)
           where !Decorates(type, eventType)
           orderby type.FullName, eventType.FullName
           select (type, eventType),
    ];

    public static string NothingFound(Assembly assembly, bool isFiltered) =>
        $"AddHandlersFrom found no handler in assembly '{assembly.GetName().Name}'{(isFiltered ? " that its filter lets through" : "")}. A handler is a class that is neither abstract nor generic and implements IEventHandler<TEvent>. Name the assembly that has them, for example typeof(OneOfThem).Assembly, or drop the call.";

    [RequiresUnreferencedCode("Looks at a type's interfaces.")]
    private static IEnumerable<Type> EventTypesOf(Type type) =>
        type.GetInterfaces().Where(static face => face.IsGenericType && face.GetGenericTypeDefinition() == typeof(IEventHandler<>)).Select(static face => face.GetGenericArguments()[0]);

    [RequiresUnreferencedCode("Looks at a type's constructors.")]
    private static bool Decorates(Type type, Type eventType) =>
        type.GetConstructors().Any(made => made.GetParameters().Any(parameter =>
            parameter.ParameterType.IsGenericType && parameter.ParameterType.GetGenericTypeDefinition() == typeof(IEventHandler<>) && parameter.ParameterType.GetGenericArguments()[0] == eventType));
}
