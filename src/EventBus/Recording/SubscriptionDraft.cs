using System.Collections.Immutable;
using EventBus.Storage;

namespace EventBus.Recording;

/// <summary>The subscriptions and their deliveries as a transaction leaves them.</summary>
internal sealed class SubscriptionDraft(LogContents before)
{
    private readonly ImmutableSortedDictionary<string, LogSubscription>.Builder _subscriptions = before.Subscriptions.ToBuilder();
    private readonly ImmutableSortedSet<DeliveryRow>.Builder _deliveries = before.Deliveries.ToBuilder();

    public void Save(LogSubscription subscription) =>
        _subscriptions[subscription.Name] = subscription with { EventTypes = [.. subscription.EventTypes] };

    public void SavePosition(string name, long position) => _subscriptions[name] = Get(name) with { Position = position };

    public bool Remove(string name)
    {
        foreach (var row in DeliveriesOf(name).ToList())
            _deliveries.Remove(row);
        return _subscriptions.Remove(name);
    }

    public void Rename(string name, string newName)
    {
        if (_subscriptions.ContainsKey(newName))
            throw new EventLogException($"Subscription '{name}' cannot be renamed to '{newName}': the event log has one of that name already. Remove that one first, or choose another name.");
        if (_subscriptions.TryGetValue(name, out var subscription))
        {
            _subscriptions.Remove(name);
            _subscriptions.Add(newName, subscription with { Name = newName });
        }

        foreach (var row in DeliveriesOf(name).ToList())
        {
            _deliveries.Remove(row);
            _deliveries.Add(row with { Subscription = newName });
        }
    }

    public void SaveDelivery(string subscription, LogDelivery delivery)
    {
        RemoveDelivery(subscription, delivery.Sequence, delivery.DeadLetterId);
        _deliveries.Add(new(subscription, delivery.Sequence, delivery.DeadLetterId, delivery with { Due = LogTime.Of(delivery.Due), FirstAttempt = LogTime.Of(delivery.FirstAttempt) }));
    }

    public void RemoveDelivery(string subscription, long sequence, long deadLetterId) => _deliveries.Remove(new(subscription, sequence, deadLetterId));

    public void RemoveDeliveriesFrom(string subscription, long sequence)
    {
        foreach (var row in DeliveriesOf(subscription).Where(row => row.Sequence >= sequence && row.DeadLetterId == 0).ToList())
            _deliveries.Remove(row);
    }

    public LogContents Into(LogContents contents) =>
        contents with { Subscriptions = _subscriptions.ToImmutable(), Deliveries = _deliveries.ToImmutable() };

    private LogSubscription Get(string name) =>
        _subscriptions.TryGetValue(name, out var subscription)
            ? subscription
            : throw new EventLogException($"Subscription '{name}' has no position: it is not in the event log. Save the subscription before its position.");

    private IEnumerable<DeliveryRow> DeliveriesOf(string subscription) =>
        _deliveries.From(new(subscription, long.MinValue, long.MinValue)).TakeWhile(row => row.Subscription == subscription);
}
