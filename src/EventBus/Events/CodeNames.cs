using System.Text;

namespace EventBus.Events;

/// <summary>A type's name as a person reads it: as code would write it, with what a generic one is closed with, and without the version of an assembly.</summary>
internal static class CodeNames
{
    public static string Full(Type type) => Of(type, static type => type.FullName ?? type.Name);

    public static string Short(Type type) => Of(type, static type => type.Name);

    /// <summary>The whole name of an open generic type, without its parameters.</summary>
    public static string Bare(Type definition) => WithoutArity(definition.FullName ?? definition.Name);

    private static string Of(Type type, Func<Type, string> nameOf)
    {
        if (type.IsArray)
            return $"{Of(type.GetElementType()!, nameOf)}[{new string(',', type.GetArrayRank() - 1)}]"; // An array has elements.
        return type.IsGenericType
            ? $"{WithoutArity(nameOf(type.GetGenericTypeDefinition()))}<{string.Join(", ", type.GetGenericArguments().Select(argument => Of(argument, nameOf)))}>"
            : nameOf(type);
    }

    // A generic type within another has a count behind each of its names: Changes`1+Made`1.
    private static string WithoutArity(string name)
    {
        var bare = new StringBuilder(name.Length);
        for (var i = 0; i < name.Length; i++)
        {
            if (name[i] != '`')
                bare.Append(name[i]);
            else
                while (i + 1 < name.Length && char.IsAsciiDigit(name[i + 1]))
                    i++;
        }

        return bare.ToString();
    }
}
