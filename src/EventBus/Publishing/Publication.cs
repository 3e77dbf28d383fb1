using EventBus.Events;
using EventBus.Observing;
using EventBus.Routing;

namespace EventBus.Publishing;

/// <summary>Publishing events of one type: gate, stamp, route. Made once for each type.</summary>
internal sealed class Publication<T>(PublishingParts parts, RouteSlot<T> slot) : IEventPublisher<T>
    where T : notnull
{
    private readonly Intake _intake = parts.Intake;
    private readonly Stamper _stamper = parts.Stamper;

    public ValueTask PublishAsync(T @event, PublishOptions? options, CancellationToken cancellationToken = default) =>
        PublishAsync(@event, options, null, cancellationToken);

    public ValueTask PublishAsync(T @event, PublishOptions? options, PublishOrigin? origin, CancellationToken cancellationToken)
    {
        if (@event is null)
            throw new ArgumentNullException(nameof(@event));
        if (cancellationToken.IsCancellationRequested)
            return ValueTask.FromCanceled(cancellationToken);
        if (!_intake.IsOpen && _intake.Refuse(origin) is { } refusal)
            return ValueTask.FromException(refusal);
        var details = options is null && origin is null ? null : Details.Of(options, origin, parts.Clock);
        return DeliverAsync(@event, _stamper.Next(), details, origin, cancellationToken);
    }

    /// <summary>Delivers a stamped event.</summary>
    public ValueTask DeliverAsync(T @event, in Stamp stamp, EventDetails? details, PublishOrigin? origin, CancellationToken cancellationToken)
    {
        if (typeof(T).IsValueType ? slot.MustBox : @event.GetType() != typeof(T))
            return Deliver(parts.Routes.ForRuntimeType(@event.GetType()), (object)@event, stamp, details, origin, cancellationToken);
        return Deliver(slot, @event, stamp, details, origin, cancellationToken);
    }

    private ValueTask Deliver<TRoute>(RouteSlot<TRoute> slot, TRoute @event, in Stamp stamp, EventDetails? details, PublishOrigin? origin, CancellationToken cancellationToken)
    {
        var route = slot.Route;
        return route.IsEmpty ? Ignore(slot) : route.DeliverAsync(@event, stamp, details, origin, cancellationToken);
    }

    private ValueTask Ignore(RouteSlot slot)
    {
        var count = slot.CountUnheardOf();
        if (count == 1)
            LogMessages.UnheardOf(parts.Log, slot.EventType.FullName ?? slot.EventType.Name, count);
        return default;
    }
}
