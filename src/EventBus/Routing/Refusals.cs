using EventBus.Observing;
using EventBus.Queueing;
using Microsoft.Extensions.Logging;

namespace EventBus.Routing;

/// <summary>Who refused an event, while it is offered to all who want it.</summary>
internal sealed class Refusals(string eventType)
{
    private readonly List<string> _by = [];
    private bool _closed;
    private bool _keyFailed;

    public void Add(QueuedSubscription subscription, Admission admission, ILogger log)
    {
        _by.Add(subscription.Name);
        _closed |= admission == Admission.Closed;
        _keyFailed |= admission == Admission.KeyFailed;
        if (admission == Admission.Refused && Interlocked.Increment(ref subscription.Counters.Refused) is var count && Flood.IsWorthALine(count))
            LogMessages.Refused(log, subscription.Name, eventType, count);
    }

    public PublishException ToException(IEnumerable<string> all, Exception? inlineFailure)
    {
        var exception = Exception(all, inlineFailure);
        exception.MissedBy = _by;
        return exception;
    }

    private PublishException Exception(IEnumerable<string> all, Exception? inlineFailure)
    {
        var names = string.Join(", ", _by.Select(static name => $"'{name}'"));
        if (_closed)
            return new EventBusStoppedException($"The bus stopped while event '{eventType}' was published: {names} did not get it. Publish before the bus stops, or start it again.", inlineFailure);
        if (_keyFailed)
            return new PublishException($"The key of event '{eventType}' could not be read for {names}, which did not get it; all others did. The log has the exception: mend OrderedBy(...), or the key's Equals and GetHashCode.", inlineFailure);
        return new QueueFullException(eventType, _by, [.. all.Except(_by)], inlineFailure);
    }
}
