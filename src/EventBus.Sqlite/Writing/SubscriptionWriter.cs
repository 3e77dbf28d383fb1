using EventBus.Sqlite.Statements;
using EventBus.Storage;

namespace EventBus.Sqlite.Writing;

/// <summary>Writes the state of subscriptions.</summary>
internal sealed class SubscriptionWriter(Session session)
{
    private readonly Statement _save = session.Statement("INSERT OR REPLACE INTO subscriptions (name, position, generation, replay_end) VALUES (?, ?, ?, ?)");
    private readonly Statement _saveType = session.Statement("INSERT INTO subscription_types (subscription, place, name) VALUES (?, ?, ?)");
    private readonly Statement _savePosition = session.Statement("UPDATE subscriptions SET position = ? WHERE name = ?");
    private readonly Statement _find = session.Statement("SELECT 1 FROM subscriptions WHERE name = ?");
    private readonly Statement _remove = session.Statement("DELETE FROM subscriptions WHERE name = ?");
    private readonly Statement _removeTypes = session.Statement("DELETE FROM subscription_types WHERE subscription = ?");
    private readonly Statement _removeDeliveries = session.Statement("DELETE FROM deliveries WHERE subscription = ?");

    // Nothing delivers them any more, and a mark would hide them for good.
    private readonly Statement _keepLetters = session.Statement("UPDATE dead_letters SET is_redriven = 0 WHERE subscription = ? AND is_redriven = 1");

    private readonly Statement[] _rename =
    [
        session.Statement("UPDATE subscriptions SET name = ? WHERE name = ?"),
        session.Statement("UPDATE subscription_types SET subscription = ? WHERE subscription = ?"),
        session.Statement("UPDATE deliveries SET subscription = ? WHERE subscription = ?"),
        session.Statement("UPDATE dead_letters SET subscription = ? WHERE subscription = ?"),
        // What stands under the new name was left by a subscription that is gone.
        session.Statement("UPDATE OR REPLACE claims SET scope = ? WHERE scope = ?"),
    ];

    public void Save(LogSubscription subscription)
    {
        _save.Bind(1, subscription.Name);
        _save.Bind(2, subscription.Position);
        _save.Bind(3, subscription.Generation);
        _save.Bind(4, subscription.ReplayEnd);
        _save.Execute();

        Run(_removeTypes, subscription.Name);
        for (var place = 0; place < subscription.EventTypes.Count; place++)
        {
            _saveType.Bind(1, subscription.Name);
            _saveType.Bind(2, place);
            _saveType.Bind(3, subscription.EventTypes[place]);
            _saveType.Execute();
        }
    }

    public void SavePosition(string name, long position)
    {
        _savePosition.Bind(1, position);
        _savePosition.Bind(2, name);
        _savePosition.Execute();
        if (session.Changes == 0)
            throw session.Refusal($"Subscription '{name}' has no position: it is not in the event log '{session.File}'. Save the subscription before its position.");
    }

    public bool Remove(string name)
    {
        Run(_keepLetters, name);
        Run(_removeDeliveries, name);
        Run(_removeTypes, name);
        Run(_remove, name);
        return session.Changes == 1;
    }

    public void Rename(string name, string newName)
    {
        if (Exists(newName))
            throw session.Refusal($"Subscription '{name}' cannot be renamed to '{newName}': the event log '{session.File}' has one of that name already. Remove that one first, or choose another name.");
        foreach (var statement in _rename)
        {
            statement.Bind(1, newName);
            statement.Bind(2, name);
            statement.Execute();
        }
    }

    private static void Run(Statement statement, string name)
    {
        statement.Bind(1, name);
        statement.Execute();
    }

    private bool Exists(string name)
    {
        _find.Bind(1, name);
        using var rows = _find.Query();
        return rows.Next();
    }
}
