using System.Globalization;
using System.Text;

namespace EventBus.Testing;

/// <summary>Writes a history as trees, for whoever reads why a test failed.</summary>
internal static class FlowText
{
    private const int LongestEvent = 200;

    public static string Of(IReadOnlyList<RecordedEvent> roots)
    {
        if (roots.Count == 0)
            return "Nothing was published.";
        var text = new StringBuilder();
        foreach (var root in roots)
            Write(text, root, "", "");
        return text.ToString().TrimEnd();
    }

    /// <summary>An event's own text, with its type where that does not name it.</summary>
    public static string Of(object @event)
    {
        string? own;
        try
        {
            own = @event.ToString();
        }
        catch (Exception error)
        {
            own = $"{@event.GetType().Name} (its ToString threw {error.GetType().Name})";
        }

        var type = @event.GetType();
        var text = own is null || own == type.FullName ? type.Name : own.StartsWith(type.Name, StringComparison.Ordinal) ? own : $"{type.Name} {own}";
        return text.Length <= LongestEvent ? text : $"{text[..LongestEvent]}…";
    }

    public static string Of(RecordedDelivery delivery) => $"{delivery.Subscription}: {Outcome(delivery)}";

    private static void Write(StringBuilder text, RecordedEvent recorded, string first, string rest)
    {
        text.Append(first).Append(Of(recorded.Event));
        if (recorded.PublishError is { } error)
            text.Append(CultureInfo.InvariantCulture, $" — its publisher got {Of(error)}");
        text.AppendLine();
        var deliveries = recorded.Deliveries;
        var effects = recorded.Effects;
        var left = deliveries.Count + effects.Count;
        if (left == 0 && recorded.IsAccepted)
            text.Append(rest).AppendLine("└─ nobody subscribes to it");
        foreach (var delivery in deliveries)
            Write(text, delivery, rest + Branch(--left), rest + Stem(left));
        foreach (var effect in effects)
            Write(text, effect, rest + Branch(--left), rest + Stem(left));
    }

    private static void Write(StringBuilder text, RecordedDelivery delivery, string first, string rest)
    {
        text.Append(first).AppendLine(Of(delivery));
        var attempts = delivery.Attempts;
        if (attempts.Count < 2 && delivery.Error is null)
            return;
        foreach (var attempt in attempts)
            text.Append(rest).Append(CultureInfo.InvariantCulture, $"   attempt {attempt.Number} at {attempt.Time:HH:mm:ss.fff}: ").AppendLine(Outcome(attempt));
    }

    private static string Outcome(RecordedAttempt attempt) => attempt switch
    {
        { Error: { } error } => Of(error),
        { IsOver: true } => "returned",
        _ => "has not returned",
    };

    private static string Outcome(RecordedDelivery delivery) => delivery.State switch
    {
        DeliveryState.Waiting => "waits for its turn",
        DeliveryState.Running => "runs",
        DeliveryState.Retrying => string.Create(CultureInfo.InvariantCulture, $"waits for its next attempt, at {delivery.DueTime:HH:mm:ss.fff}"),
        DeliveryState.Handled => delivery.IsReplay ? "handled, in a replay" : "handled",
        DeliveryState.Failed => "failed, and the publisher was told",
        DeliveryState.DeadLettered => $"dead-lettered, {delivery.DeadLetter?.Reason}: {delivery.DeadLetter?.Description}",
        DeliveryState.Filtered => "filtered out",
        DeliveryState.Expired => "expired",
        DeliveryState.Duplicate => "skipped as a duplicate",
        DeliveryState.Dropped => "dropped",
        _ => "lost when the process died",
    };

    private static string Of(Exception error) => $"{error.GetType().Name}: {error.Message}";

    private static string Branch(int left) => left > 0 ? "├─ " : "└─ ";

    private static string Stem(int left) => left > 0 ? "│  " : "   ";
}
