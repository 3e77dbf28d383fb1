using System.Text;
using Microsoft.CodeAnalysis;

namespace EventBus.Analyzers.Registration;

/// <summary>Makes a subscription's name of a type's: <c>reserve-stock</c> of <c>ReserveStock</c>.</summary>
internal static class SubscriptionName
{
    private const int MaxLength = 100;

    /// <summary>The name, or null where the type's own has characters that a subscription's may not have.</summary>
    public static string? Of(ITypeSymbol type)
    {
        var name = type.Name;
        if (name.Length == 0 || !name.All(IsAllowed))
            return null;
        var kebab = new StringBuilder();
        for (var i = 0; i < name.Length; i++)
        {
            if (i > 0 && BeginsWord(name, i))
                kebab.Append('-');
            kebab.Append(char.ToLowerInvariant(name[i]));
        }

        return kebab.Length <= MaxLength ? kebab.ToString() : null;
    }

    // In "SendSMSNow" the words begin at S, S and N.
    private static bool BeginsWord(string name, int at) =>
        char.IsUpper(name[at]) && name[at - 1] is not '_' && (!char.IsUpper(name[at - 1]) || (at + 1 < name.Length && char.IsLower(name[at + 1])));

    private static bool IsAllowed(char letter) => letter is (>= 'A' and <= 'Z') or (>= 'a' and <= 'z') or (>= '0' and <= '9') or '_';
}
