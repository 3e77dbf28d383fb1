namespace EventBus.Events;

/// <summary>Puts together what is known of an event without running anybody's code: a key that its type gives it is left out.</summary>
internal static class Described
{
    public static EventMetadata Of(IDeliveryHost host, object @event, in Stamp stamp, EventDetails? details, string subscription = "", int attempt = 1)
    {
        var id = details?.Id ?? host.Identity.IdOf(stamp);
        return new()
        {
            Id = id,
            Type = host.TypeNameOf(@event.GetType()),
            Time = stamp.Time,
            Source = details?.Source,
            Subject = details?.Subject,
            Key = details?.Key,
            CorrelationId = details?.CorrelationId ?? id,
            CausationId = details?.CausationId,
            Headers = details?.Headers ?? EventMetadata.EmptyHeaders,
            TraceParent = details?.Trace?.Parent,
            TraceState = details?.Trace?.State,
            Subscription = subscription,
            Attempt = attempt,
            Sequence = details is { Sequence: > 0 and var sequence } ? sequence : null,
            IsReplay = details is { IsReplay: true },
        };
    }
}
