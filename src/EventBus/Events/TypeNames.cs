using System.Text;

namespace EventBus.Events;

/// <summary>The names of .NET types as they are stored: without assemblies, so that a new build, or a type that moves to another module, has the name that it had.</summary>
internal static class TypeNames
{
    private const char Escape = '\\';

    /// <summary>A type's name, with what a generic one is closed with: <c>Shop.Changed`1[Shop.Order]</c>.</summary>
    public static string Of(Type type) => type.ToString();

    /// <summary>Whether the type of this name was once stored under a longer one.</summary>
    public static bool HasLongForm(string name) => name.EndsWith(']');

    /// <summary>The name as it is stored now, of a type that was stored with the assemblies of what it is closed with: <c>Shop.Changed`1[[Shop.Order, Shop, Version=1.0.0.0, …]]</c>.
    /// <see langword="null"/> for any other name.</summary>
    public static string? FromLongForm(string name)
    {
        if (!name.Contains("[[", StringComparison.Ordinal))
            return null;
        var text = new StringBuilder(name.Length);
        var at = 0;
        return CopyType(name, ref at, text) && at == name.Length ? text.ToString() : null;
    }

    // A type ends where the text does, or at the comma before its assembly, or at the bracket that closes it.
    private static bool CopyType(string name, ref int at, StringBuilder text)
    {
        while (at < name.Length && name[at] is not (',' or ']'))
        {
            if (name[at] == '[' && at + 1 < name.Length && name[at + 1] == '[')
            {
                if (!CopyArguments(name, ref at, text))
                    return false;
            }
            else if (name[at] == '[')
            {
                CopyArray(name, ref at, text);
            }
            else
            {
                if (name[at] == Escape && at + 1 < name.Length)
                    text.Append(name[at++]);
                text.Append(name[at++]);
            }
        }

        return true;
    }

    private static bool CopyArguments(string name, ref int at, StringBuilder text)
    {
        text.Append(name[at++]);
        while (true)
        {
            if (at >= name.Length || name[at++] != '[' || !CopyType(name, ref at, text) || !SkipAssembly(name, ref at))
                return false;
            if (at >= name.Length || name[at] is not (',' or ']'))
                return false;
            text.Append(name[at]);
            if (name[at++] == ']')
                return true;
        }
    }

    // Of an array, and of several dimensions: "[]", "[,]", "[*]".
    private static void CopyArray(string name, ref int at, StringBuilder text)
    {
        while (at < name.Length)
        {
            text.Append(name[at]);
            if (name[at++] == ']')
                return;
        }
    }

    private static bool SkipAssembly(string name, ref int at)
    {
        var end = name.IndexOf(']', at);
        if (end < 0)
            return false;
        at = end + 1;
        return true;
    }
}
