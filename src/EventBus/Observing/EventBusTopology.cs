using System.Globalization;
using System.Text;

namespace EventBus;

/// <summary>Who gets what: the subscriptions of a bus and the event types they asked for.</summary>
/// <param name="Subscriptions">The subscriptions, in the order in which they were added.</param>
public sealed record EventBusTopology(IReadOnlyList<SubscriptionTopology> Subscriptions)
{
    /// <summary>A line for each subscription.</summary>
    public override string ToString()
    {
        var text = new StringBuilder();
        foreach (var subscription in Subscriptions)
            text.Append(CultureInfo.InvariantCulture, $"{string.Join(", ", subscription.EventTypes)} -> {subscription.Name} ({subscription.Settings})").Append('\n');
        return text.ToString().TrimEnd('\n');
    }

    /// <summary>A Mermaid flowchart.</summary>
    public string ToMermaid()
    {
        var text = new StringBuilder("flowchart LR\n");
        var events = Subscriptions.SelectMany(static subscription => subscription.EventTypes).Distinct().ToList();
        for (var i = 0; i < events.Count; i++)
            text.Append(CultureInfo.InvariantCulture, $"    e{i}([\"{Quoted(events[i])}\"])").Append('\n');
        for (var i = 0; i < Subscriptions.Count; i++)
        {
            var subscription = Subscriptions[i];
            text.Append(CultureInfo.InvariantCulture, $"    s{i}[\"{Quoted(subscription.Name)}<br/>{Quoted(subscription.Settings)}\"]").Append('\n');
            foreach (var type in subscription.EventTypes)
                text.Append(CultureInfo.InvariantCulture, $"    e{events.IndexOf(type)} --> s{i}").Append('\n');
        }

        return text.ToString().TrimEnd('\n');
    }

    private static string Quoted(string text) => text.Replace("&", "&amp;", StringComparison.Ordinal).Replace("\"", "&quot;", StringComparison.Ordinal).Replace("<", "&lt;", StringComparison.Ordinal);
}

/// <summary>One subscription of an <see cref="EventBusTopology"/>.</summary>
/// <param name="Name">The subscription.</param>
/// <param name="EventTypes">The names of the event types it asked for.</param>
/// <param name="Settings">How it gets them, in words.</param>
public sealed record SubscriptionTopology(string Name, IReadOnlyList<string> EventTypes, string Settings);
