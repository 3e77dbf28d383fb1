using EventBus.Events;
using EventBus.Timing;

namespace EventBus.Publishing;

/// <summary>Puts together what an event carries: what the publisher gave it, and what led to it.</summary>
internal static class Details
{
    public static EventDetails? Of(PublishOptions? options, PublishOrigin? origin, Clock clock, TraceContext? trace = null, Appointment? appointment = null)
    {
        var cause = origin?.CausationId;
        if (options is null && cause is null && trace is null && appointment is null)
            return null;
        return new EventDetails
        {
            Id = appointment?.Id ?? options?.Id,
            Source = options?.Source,
            Subject = options?.Subject,
            Key = options?.Key,
            CorrelationId = options?.CorrelationId ?? (cause is null ? null : origin!.CorrelationId),
            CausationId = options?.CausationId ?? cause,
            Root = origin?.Root ?? 0,
            Headers = options?.Headers is { Count: > 0 } headers ? new Dictionary<string, string>(headers) : null,
            Trace = trace,
            ExpiresAt = options?.TimeToLive is { } timeToLive ? ExpiryAfter(options, timeToLive, appointment?.DueAt ?? clock.Now) : long.MaxValue,
        };
    }

    /// <summary>For an enricher to add to.</summary>
    public static EventEnrichment AttributesOf(EventDetails? details, IServiceProvider? services) =>
        // The headers are a copy already.
        new((IDictionary<string, string>?)details?.Headers)
        {
            Id = details?.Id,
            Source = details?.Source,
            Subject = details?.Subject,
            Key = details?.Key,
            CorrelationId = details?.CorrelationId,
            CausationId = details?.CausationId,
            Services = services,
        };

    /// <summary>What the event carries after it was enriched.</summary>
    public static EventDetails Of(EventEnrichment attributes, EventDetails? before) => new()
    {
        Id = attributes.Id ?? before?.Id,
        Source = attributes.Source ?? before?.Source,
        Subject = attributes.Subject ?? before?.Subject,
        Key = attributes.Key ?? before?.Key,
        CorrelationId = attributes.CorrelationId ?? before?.CorrelationId,
        CausationId = attributes.CausationId ?? before?.CausationId,
        Root = before?.Root ?? 0,
        Headers = attributes.HeadersOrNone is { Count: > 0 } headers ? new Dictionary<string, string>(headers) : null,
        Trace = before?.Trace,
        ExpiresAt = before?.ExpiresAt ?? long.MaxValue,
    };

    /// <summary>The same as options, for an event that is published later.</summary>
    public static PublishOptions OptionsOf(EventDetails details, TimeSpan? timeToLive) => new()
    {
        Id = details.Id,
        Source = details.Source,
        Subject = details.Subject,
        Key = details.Key,
        CorrelationId = details.CorrelationId,
        CausationId = details.CausationId,
        Headers = details.Headers,
        TimeToLive = timeToLive,
    };

    private static long ExpiryAfter(PublishOptions options, TimeSpan timeToLive, long from)
    {
        if (timeToLive <= TimeSpan.Zero)
            throw new ArgumentOutOfRangeException(nameof(options), timeToLive, "PublishOptions.TimeToLive must be positive. Leave it out for an event that never expires.");
        return Clock.After(from, timeToLive);
    }
}
