using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;

namespace EventBus.DependencyInjection;

/// <summary>Keys as text, for subscriptions whose keys are stored: equal keys have equal text, other keys other text, in every process and culture.</summary>
internal static class KeyText
{
    public static bool CanBeOf(Type type)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        return type == typeof(object) || type == typeof(string) || type.IsEnum || type.IsPrimitive || type == typeof(decimal) || type == typeof(Int128) || type == typeof(UInt128)
            || type == typeof(Guid) || type == typeof(DateTime) || type == typeof(DateTimeOffset) || type == typeof(DateOnly) || type == typeof(TimeOnly) || type == typeof(TimeSpan)
            || (typeof(ITuple).IsAssignableFrom(type) && type.IsGenericType && type.GetGenericArguments().All(CanBeOf));
    }

    public static string? Of<TKey>(TKey key) => key switch
    {
        null => null,
        string text => text,
        ITuple tuple => OfParts(tuple),
        // Two that name the same moment are equal.
        DateTimeOffset moment => moment.UtcDateTime.ToString("O", CultureInfo.InvariantCulture),
        // Two of the same ticks are equal, whatever their kind.
        DateTime time => DateTime.SpecifyKind(time, DateTimeKind.Unspecified).ToString("O", CultureInfo.InvariantCulture),
        TimeOnly time => time.ToString("O", CultureInfo.InvariantCulture),
        // 0 and -0 are equal, as are 1.0 and 1.00.
        double number => (number + 0.0).ToString("R", CultureInfo.InvariantCulture),
        float number => (number + 0f).ToString("R", CultureInfo.InvariantCulture),
        decimal number => number.ToString("G29", CultureInfo.InvariantCulture),
        // By number: a value keeps its order when it is renamed.
        Enum value => value.ToString("D"),
        // What is only known to be an object may be anything.
        IFormattable value when typeof(TKey) != typeof(object) || CanBeOf(value.GetType()) => value.ToString(null, CultureInfo.InvariantCulture),
        _ => CanBeOf(key.GetType()) ? key.ToString() : throw new InvalidOperationException($"A key of type '{key.GetType().FullName}' cannot be stored. Order a durable subscription by a string, an integer, a Guid, an enum, a date, or a tuple of them."),
    };

    /// <summary>The key as it is when its event is read again: serializers write half a surrogate pair as U+FFFD.</summary>
    public static string? WellFormed(string? key) =>
        key is null || key.AsSpan().IndexOfAnyInRange('\uD800', '\uDFFF') < 0 ? key : Encoding.Unicode.GetString(Encoding.Unicode.GetBytes(key));

    // Each part after its length, so that ("a", "b,c") is not ("a,b", "c"); a null part is no text at all.
    private static string OfParts(ITuple tuple)
    {
        var text = new DefaultInterpolatedStringHandler(tuple.Length, tuple.Length, CultureInfo.InvariantCulture);
        for (var i = 0; i < tuple.Length; i++)
        {
            var part = Of(tuple[i]);
            text.AppendFormatted(part?.Length ?? -1);
            text.AppendLiteral(":");
            text.AppendLiteral(part ?? "");
        }

        return text.ToStringAndClear();
    }
}
