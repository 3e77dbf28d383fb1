using System.Globalization;
using EventBus.Observing;

namespace EventBus.Testing;

/// <summary>Writes a history as trees, for whoever reads why a test failed.</summary>
internal static class FlowText
{
    private const int LongestEvent = 200;

    public static string Of(IReadOnlyList<RecordedEvent> roots)
    {
        if (roots.Count == 0)
            return "Nothing was published.";
        return TextTree.Of(roots.Select(TreeOf));
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

    private static TextTree TreeOf(RecordedEvent root)
    {
        var tree = new TextTree(LineOf(root));
        var left = new Stack<(RecordedEvent Event, TextTree Tree)>([(root, tree)]);
        while (left.TryPop(out var next))
        {
            var deliveries = next.Event.Deliveries;
            var effects = next.Event.Effects;
            if (deliveries.Count + effects.Count == 0 && next.Event.IsAccepted)
                next.Tree.Add("nobody subscribes to it");
            foreach (var delivery in deliveries)
                Add(next.Tree, delivery);
            foreach (var effect in effects)
                left.Push((effect, next.Tree.Add(LineOf(effect))));
        }

        return tree;
    }

    private static string LineOf(RecordedEvent recorded) =>
        recorded.PublishError is { } error ? $"{Of(recorded.Event)} — its publisher got {Of(error)}" : Of(recorded.Event);

    private static void Add(TextTree tree, RecordedDelivery delivery)
    {
        var branch = tree.Add(Of(delivery));
        var attempts = delivery.Attempts;
        if (attempts.Count < 2 && delivery.Error is null)
            return;
        foreach (var attempt in attempts)
            branch.AddDetail(string.Create(CultureInfo.InvariantCulture, $"attempt {attempt.Number} at {attempt.Time:HH:mm:ss.fff}: {Outcome(attempt)}"));
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
}
