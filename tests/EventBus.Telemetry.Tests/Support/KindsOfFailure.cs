using System.Reflection;
using System.Reflection.Emit;

namespace EventBus.Telemetry.Tests.Support;

/// <summary>Types of exceptions that are made while the program runs.</summary>
internal static class KindsOfFailure
{
    public static IReadOnlyList<Type> Make(int count)
    {
        var module = AssemblyBuilder.DefineDynamicAssembly(new AssemblyName("failures"), AssemblyBuilderAccess.Run).DefineDynamicModule("failures");
        return [.. Enumerable.Range(0, count).Select(number => module.DefineType($"Failure{number}", TypeAttributes.Public, typeof(Exception)).CreateType())];
    }
}
