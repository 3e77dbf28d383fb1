using EventBus.Sqlite.Statements;
using EventBus.Storage;

namespace EventBus.Sqlite.Writing;

/// <summary>Writes the state of unsettled deliveries.</summary>
internal sealed class DeliveryWriter(Session session)
{
    private readonly Statement _save = session.Statement("""
        INSERT OR REPLACE INTO deliveries (subscription, sequence, dead_letter, key, attempts, state, due, wait, first_attempt) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
        """);

    private readonly Statement _remove = session.Statement("DELETE FROM deliveries WHERE subscription = ? AND sequence = ? AND dead_letter = ?");
    private readonly Statement _removeFrom = session.Statement("DELETE FROM deliveries WHERE subscription = ? AND sequence >= ? AND dead_letter = 0");

    public void Save(string subscription, LogDelivery delivery)
    {
        _save.Bind(1, subscription);
        _save.Bind(2, delivery.Sequence);
        _save.Bind(3, delivery.DeadLetterId);
        _save.Bind(4, delivery.Key);
        _save.Bind(5, delivery.Attempts);
        _save.Bind(6, (long)delivery.State);
        _save.Bind(7, delivery.Due.ToUnixTimeMilliseconds());
        _save.Bind(8, delivery.Wait.Ticks);
        _save.Bind(9, delivery.FirstAttempt.ToUnixTimeMilliseconds());
        _save.Execute();
    }

    public void Remove(string subscription, long sequence, long deadLetterId)
    {
        _remove.Bind(1, subscription);
        _remove.Bind(2, sequence);
        _remove.Bind(3, deadLetterId);
        _remove.Execute();
    }

    public void RemoveFrom(string subscription, long sequence)
    {
        _removeFrom.Bind(1, subscription);
        _removeFrom.Bind(2, sequence);
        _removeFrom.Execute();
    }
}
