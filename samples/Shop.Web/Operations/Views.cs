using System.Globalization;
using EventBus;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Shop.Web.Operations;

/// <summary>A dead letter, without the event: that may be personal.</summary>
public sealed record LetterView(long Id, string Subscription, string EventId, int Attempts, string Reason, string Exception)
{
    public static LetterView Of(DeadLetter letter) => new(letter.Id, letter.Subscription, letter.Metadata.Id, letter.Attempts, letter.Reason.ToString(), letter.ExceptionType);
}

/// <summary>The health of the bus in words and numbers.</summary>
public sealed record HealthView(string Status, string? Description, IReadOnlyDictionary<string, string> Data)
{
    public static HealthView Of(HealthReportEntry entry) =>
        new(entry.Status.ToString(), entry.Description, entry.Data.ToDictionary(static pair => pair.Key, static pair => Convert.ToString(pair.Value, CultureInfo.InvariantCulture)!));
}
