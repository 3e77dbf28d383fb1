using EventBus.Sqlite.Statements;
using EventBus.Storage;

namespace EventBus.Sqlite.Reading;

/// <summary>Reads the state of subscriptions and their deliveries.</summary>
internal sealed class SubscriptionReader(Session session)
{
    private readonly Statement _all = session.Statement("""
        SELECT s.name, s.position, s.generation, s.replay_end, t.name
        FROM subscriptions s LEFT JOIN subscription_types t ON t.subscription = s.name
        ORDER BY s.name, t.place
        """);

    private readonly Statement _deliveries = session.Statement("""
        SELECT sequence, dead_letter, key, attempts, state, due, wait, first_attempt FROM deliveries WHERE subscription = ? ORDER BY sequence, dead_letter
        """);

    private readonly Statement _first = session.Statement($"SELECT sequence FROM deliveries WHERE subscription = ? AND dead_letter = 0 AND state <> {(int)LogDeliveryState.Settled} ORDER BY sequence LIMIT 1");

    public List<LogSubscription> ReadAll()
    {
        var all = new List<LogSubscription>();
        var eventTypes = new List<string>();
        using var rows = _all.Query();
        while (rows.Next())
        {
            var name = _all.Text(0);
            if (all.Count == 0 || all[^1].Name != name)
            {
                eventTypes = [];
                all.Add(new() { Name = name, Position = _all.Int64(1), Generation = _all.Int32(2), ReplayEnd = _all.Int64(3), EventTypes = eventTypes });
            }

            if (_all.TextOrNull(4) is { } eventType)
                eventTypes.Add(eventType);
        }

        return all;
    }

    public long? ReadFirstDelivery(string subscription)
    {
        _first.Bind(1, subscription);
        using var rows = _first.Query();
        return rows.Next() ? _first.Int64(0) : null;
    }

    public List<LogDelivery> ReadDeliveries(string subscription)
    {
        var deliveries = new List<LogDelivery>();
        _deliveries.Bind(1, subscription);
        using var rows = _deliveries.Query();
        while (rows.Next())
        {
            deliveries.Add(new()
            {
                Sequence = _deliveries.Int64(0),
                DeadLetterId = _deliveries.Int64(1),
                Key = _deliveries.TextOrNull(2),
                Attempts = _deliveries.Int32(3),
                State = (LogDeliveryState)_deliveries.Int32(4),
                Due = _deliveries.Time(5),
                Wait = TimeSpan.FromTicks(_deliveries.Int64(6)),
                FirstAttempt = _deliveries.Time(7),
            });
        }

        return deliveries;
    }
}
