using EventBus.Events;
using EventBus.Timing;

namespace EventBus.Publishing;

/// <summary>Puts together what an event carries: what the publisher gave it, and what led to it.</summary>
internal static class Details
{
    public static EventDetails? Of(PublishOptions? options, PublishOrigin? origin, Clock clock, string? id = null, long? lifeFrom = null)
    {
        var cause = origin?.CausationId;
        if (options is null && cause is null && id is null)
            return null;
        return new EventDetails
        {
            Id = id ?? options?.Id,
            Source = options?.Source,
            Subject = options?.Subject,
            Key = options?.Key,
            CorrelationId = options?.CorrelationId ?? (cause is null ? null : origin!.CorrelationId),
            CausationId = options?.CausationId ?? cause,
            Headers = options?.Headers is { Count: > 0 } headers ? new Dictionary<string, string>(headers) : null,
            ExpiresAt = options?.TimeToLive is { } timeToLive ? ExpiryAfter(options, timeToLive, lifeFrom ?? clock.Now) : long.MaxValue,
        };
    }

    private static long ExpiryAfter(PublishOptions options, TimeSpan timeToLive, long from)
    {
        if (timeToLive <= TimeSpan.Zero)
            throw new ArgumentOutOfRangeException(nameof(options), timeToLive, "PublishOptions.TimeToLive must be positive. Leave it out for an event that never expires.");
        return timeToLive.Ticks > long.MaxValue - from ? long.MaxValue : from + timeToLive.Ticks;
    }
}
