using System.Diagnostics.Metrics;

namespace EventBus.Observing;

/// <summary>The numbers of each subscription, read when somebody collects them: they cost an event nothing.</summary>
internal static class SubscriptionInstruments
{
    private static readonly (string Name, Func<SubscriptionStatistics, long> Count)[] s_outcomes =
    [
        ("handled", static s => s.Handled),
        ("failed", static s => s.Failed),
        ("duplicate", static s => s.Duplicates),
        ("filtered", static s => s.Filtered),
        ("expired", static s => s.Expired),
        ("dead_lettered", static s => s.DeadLettered),
        ("dropped", static s => s.Dropped),
    ];

    private static readonly (string Name, Func<SubscriptionStatistics, long> Count)[] s_reasons = [("refused", static s => s.Refused), ("missed", static s => s.Missed)];

    public static void Add(Meter meter, string bus, Func<IReadOnlyList<IMeasured>> subscriptions)
    {
        var numbers = new Numbers(bus, subscriptions);
        meter.CreateObservableCounter("messaging.client.consumed.messages", numbers.Of(static s => s.Handled + s.Failed + s.Retried + s.DeadLettered, TelemetryTags.OfProcessing), "{message}", "Attempts that ended: handled, failed and tried again, or given up.");
        meter.CreateObservableCounter("eventbus.subscription.settled", numbers.By(TelemetryTags.Outcome, s_outcomes), "{delivery}", "Deliveries that are done with, by what became of them.");
        meter.CreateObservableCounter("eventbus.subscription.not_accepted", numbers.By(TelemetryTags.Reason, s_reasons), "{event}", "Events that a full queue did not take: refused, or no longer waited for by their publisher.");
        meter.CreateObservableCounter("eventbus.subscription.retries", numbers.Of(static s => s.Retried), "{attempt}", "Failed attempts that are followed by another.");
        meter.CreateObservableCounter("eventbus.subscription.stuck_attempts", numbers.Of(static s => s.Stuck), "{attempt}", "Attempts that were reported as stuck.");
        meter.CreateObservableCounter("eventbus.subscription.abandoned_attempts", numbers.Of(static s => s.AbandonedAttempts), "{attempt}", "Attempts that were abandoned because their handler did not return.");
        meter.CreateObservableUpDownCounter("eventbus.subscription.waiting", numbers.Of(static s => s.Waiting), "{delivery}", "Deliveries that wait or run now.");
        meter.CreateObservableUpDownCounter("eventbus.subscription.parked", numbers.Of(static s => s.Parked), "{delivery}", "Deliveries that wait now for their next attempt, or behind one of their key that does.");
        meter.CreateObservableUpDownCounter("eventbus.subscription.stuck", numbers.Of(static s => s.StuckNow), "{handler}", "Handlers that were reported as stuck and have not returned.");
        meter.CreateObservableUpDownCounter("eventbus.subscription.lag", numbers.Of(static s => s.Lag), "{event}", "Durable only: events of the log that were not read yet.");
        meter.CreateObservableGauge("eventbus.subscription.oldest_unsettled", numbers.Of(static s => s.OldestUnsettled), "{sequence}", "Durable only: the oldest sequence of the log that is not settled; 0 if all are.");
    }

    private sealed class Numbers(string bus, Func<IReadOnlyList<IMeasured>> subscriptions)
    {
        private readonly KeyValuePair<string, object?> _bus = TelemetryTags.Of(TelemetryTags.Bus, bus);

        public Func<IEnumerable<Measurement<long>>> Of(Func<SubscriptionStatistics, long> number, params KeyValuePair<string, object?>[] more) => () => Read((measured, statistics, subscription) =>
            measured.Add(new(number(statistics), [subscription, _bus, .. more])));

        public Func<IEnumerable<Measurement<long>>> By(string tag, (string Name, Func<SubscriptionStatistics, long> Count)[] kinds) => () => Read((measured, statistics, subscription) =>
        {
            foreach (var (name, count) in kinds)
                measured.Add(new(count(statistics), subscription, TelemetryTags.Of(tag, name), _bus));
        });

        private List<Measurement<long>> Read(Action<List<Measurement<long>>, SubscriptionStatistics, KeyValuePair<string, object?>> add)
        {
            var measured = new List<Measurement<long>>();
            foreach (var subscription in subscriptions())
                add(measured, subscription.Statistics, TelemetryTags.Of(TelemetryTags.Subscription, subscription.Name));
            return measured;
        }
    }
}
