using System.Runtime.CompilerServices;

namespace EventBus.Testing.Interleaving;

/// <summary>Names steps for a trace: the same in every process.</summary>
internal static class StepNames
{
    private const string Unknown = "a continuation";

    public static string Of(object work, object? state) =>
        work is IThreadPoolWorkItem ? NameOf(work) : NameOfContinuation(state) ?? Unknown;

    private static string NameOf(object work) =>
        work.ToString() is { } name && name != work.GetType().ToString() ? name : NameOf(work.GetType());

    // Whatever awaits hands over a delegate of its state machine, or that machine's box, alone or with what it is called with.
    private static string? NameOfContinuation(object? state) => state switch
    {
        null => null,
        Delegate continuation => NameOfMachine(continuation.Target?.GetType()) ?? NameOfMethod(continuation),
        ITuple parts => Enumerable.Range(0, parts.Length).Select(i => NameOfContinuation(parts[i])).FirstOrDefault(static name => name is not null),
        _ => NameOfMachine(state.GetType()),
    };

    private static string? NameOfMachine(Type? box)
    {
        for (; box is not null; box = box.BaseType)
        {
            foreach (var machine in box.GenericTypeArguments)
            {
                if (typeof(IAsyncStateMachine).IsAssignableFrom(machine))
                    return $"{NameOf(Outermost(machine))}.{MethodOf(machine.Name)} goes on";
            }
        }

        return null;
    }

    private static string? NameOfMethod(Delegate continuation) =>
        continuation.Method.DeclaringType is { } type && type.Assembly != typeof(object).Assembly ? $"{NameOf(Outermost(type))}.{MethodOf(continuation.Method.Name)}" : null;

    private static string NameOf(Type type) => type.Name.Split('`')[0];

    private static Type Outermost(Type type)
    {
        while (type.IsNested && type.Name.StartsWith('<'))
            type = type.DeclaringType!; // A nested type has one.
        return type;
    }

    // The compiler names the machine of a method M "<M>d__7", that of a lambda in it "<<M>b__7_0>d", and that of a local function L "<<M>g__L|7_0>d".
    private static string MethodOf(string name)
    {
        var (begin, end) = name.IndexOf("g__", StringComparison.Ordinal) is var local and >= 0
            ? (local + 3, name.IndexOf('|', local))
            : (name.LastIndexOf('<') + 1, name.IndexOf('>', StringComparison.Ordinal));
        return begin > 0 && end > begin ? name[begin..end] : name;
    }
}
