using System.Reflection;
using EventBus.Testing;

namespace EventBus.BehaviourTests.Settings;

/// <summary>Finds every place of the public surface that takes a number, a time or a text.</summary>
internal static class PublicInputs
{
    private static readonly Type[] s_types = [typeof(int), typeof(long), typeof(double), typeof(TimeSpan), typeof(DateTimeOffset), typeof(string)];

    // What the compiler makes for records, and what only says what it is.
    private static readonly string[] s_notCalled = ["Deconstruct", "Equals", "CompareTo", "ToString"];

    public static IReadOnlyList<Assembly> Assemblies { get; } =
        [typeof(PublishOptions).Assembly, typeof(EventBusBuilder).Assembly, typeof(SqliteEventLogOptions).Assembly, typeof(EventBusHostingOptions).Assembly, typeof(TestBus).Assembly];

    public static IReadOnlyList<PublicInput> All { get; } = [.. Assemblies.SelectMany(static assembly => assembly.GetExportedTypes()).SelectMany(Of)];

    private static IEnumerable<PublicInput> Of(Type type)
    {
        const BindingFlags Own = BindingFlags.Public | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;
        foreach (var property in type.GetProperties(Own))
        {
            var input = new PublicInput(property, null);
            if (property.SetMethod is { IsPublic: true } && IsTried(input.Type))
                yield return input;
        }

        foreach (var method in type.GetMethods(Own).Where(static method => !method.IsSpecialName && !s_notCalled.Contains(method.Name)).Concat<MethodBase>(type.GetConstructors()))
        {
            foreach (var parameter in method.GetParameters().Where(static parameter => !parameter.ParameterType.IsByRef))
            {
                var input = new PublicInput(method, parameter);
                if (IsTried(input.Type))
                    yield return input;
            }
        }
    }

    private static bool IsTried(Type type) => s_types.Contains(type) || type.IsEnum;
}
