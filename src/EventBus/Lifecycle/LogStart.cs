using EventBus.Observing;
using EventBus.Recording;
using EventBus.Routing;
using EventBus.Storage;
using Microsoft.Extensions.Logging;

namespace EventBus.Lifecycle;

/// <summary>Opens the event log when the bus starts, and lets every durable subscription begin where it was, with nothing delivered yet. Says what has changed since.</summary>
internal sealed class LogStart(Recorder recorder, IReadOnlyList<DurableSubscription> subscriptions, ILogger logger)
{
    private readonly IEventLog _log = recorder.Log;

    /// <exception cref="EventLogException">The log cannot be opened.</exception>
    /// <exception cref="EventBusConfigurationException">What the log knows of the subscriptions does not fit to them.</exception>
    public void Run()
    {
        var opening = _log.Open();
        try
        {
            if (!opening.WasClosed)
                LogMessages.StartsWithCare(logger, _log.Name);
            var states = SettleStates(opening.Head);
            // All that the log has to answer comes before anything begins: a start that fails leaves nothing behind that goes on.
            var deliveries = subscriptions.ToDictionary(static subscription => subscription, subscription => _log.ReadDeliveries(subscription.Name));
            var session = recorder.Begin(opening.Head);
            foreach (var subscription in subscriptions)
                subscription.Begin(session, states[subscription], deliveries[subscription], !opening.WasClosed);
            session.Writer.Start();
        }
        catch
        {
            recorder.Drop();
            GiveBack(opening.WasClosed);
            throw;
        }
    }

    // What made the start fail is what the application is told.
    private void GiveBack(bool wasClosed)
    {
        try
        {
            _log.Close(clean: wasClosed);
        }
        catch (EventLogException error)
        {
            LogMessages.LogCloseFailed(logger, error, _log.Name);
        }
    }

    /// <summary>Finds or makes the state of each subscription, and commits it: where a new one begins is decided before the first publish of this start.</summary>
    private Dictionary<DurableSubscription, LogSubscription> SettleStates(long head)
    {
        var known = _log.ReadSubscriptions().ToDictionary(static state => state.Name, StringComparer.Ordinal);
        var states = new Dictionary<DurableSubscription, LogSubscription>();
        var mistakes = new List<string>();
        var changes = new List<Action<ILogTransaction>>();
        foreach (var subscription in subscriptions)
        {
            var state = known.Remove(subscription.Name, out var own) ? own : TakeOver(subscription, known, changes) ?? Begin(subscription, head);
            foreach (var name in state.EventTypes.Where(name => !recorder.Codec.Types.TryGet(name, out _)))
                mistakes.Add($"Durable subscription '{subscription.Name}' asked for event type '{LogText.Safe(name)}' when it last started, and no event type has that name now. If the type was renamed, add AddEvent<TheType>(e => e.Alias(\"{LogText.Safe(name)}\")), or its events would become dead letters.");
            if (!ReferenceEquals(state, own) || !state.EventTypes.SequenceEqual(subscription.EventTypeNames))
            {
                state = state with { EventTypes = subscription.EventTypeNames };
                var changed = state;
                changes.Add(transaction => transaction.SaveSubscription(changed));
            }

            states.Add(subscription, state);
        }

        if (mistakes.Count > 0)
            throw new EventBusConfigurationException(mistakes);
        foreach (var unclaimed in known.Values)
            LogMessages.SubscriptionUnclaimed(logger, unclaimed.Name, unclaimed.Position, _log.ReadDeliveries(unclaimed.Name).Count(static delivery => delivery.State != LogDeliveryState.Settled), head);
        Commit(changes);
        return states;
    }

    private LogSubscription? TakeOver(DurableSubscription subscription, Dictionary<string, LogSubscription> known, List<Action<ILogTransaction>> changes)
    {
        foreach (var former in subscription.FormerNames)
        {
            if (!known.Remove(former, out var state))
                continue;
            changes.Add(transaction => transaction.RenameSubscription(former, subscription.Name));
            LogMessages.SubscriptionRenamed(logger, subscription.Name, former);
            return state with { Name = subscription.Name };
        }

        return null;
    }

    private LogSubscription Begin(DurableSubscription subscription, long head)
    {
        var position = subscription.StartFrom.After(_log, head);
        LogMessages.SubscriptionAdded(logger, subscription.Name, position);
        return new LogSubscription { Name = subscription.Name, Position = position };
    }

    private void Commit(List<Action<ILogTransaction>> changes)
    {
        if (changes.Count == 0)
            return;
        using var transaction = _log.Begin();
        foreach (var change in changes)
            change(transaction);
        transaction.Commit();
    }
}
