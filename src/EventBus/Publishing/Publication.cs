using System.Runtime.CompilerServices;
using EventBus.Events;
using EventBus.Observing;
using EventBus.Recording;
using EventBus.Routing;
using EventBus.Storage;
using EventBus.Timing;

namespace EventBus.Publishing;

/// <summary>Publishing events of one type: gate, stamp, route. Made once for each type.</summary>
internal sealed class Publication<T>(PublishingParts parts, RouteSlot<T> slot) : IEventPublisher<T>
    where T : notnull
{
    private readonly Intake _intake = parts.Intake;
    private readonly Stamper _stamper = parts.Stamper;
    private readonly BusTelemetry _telemetry = parts.Telemetry;

    // Shared generic code would look its type up with every event.
    private readonly Type _type = typeof(T);

    public ValueTask PublishAsync(T @event, PublishOptions? options, CancellationToken cancellationToken = default) =>
        PublishAsync(@event, options, null, cancellationToken);

    public ValueTask PublishAsync(T @event, PublishOptions? options, PublishOrigin? origin, CancellationToken cancellationToken)
    {
        if (@event is null)
            throw new ArgumentNullException(nameof(@event));
        if (cancellationToken.IsCancellationRequested)
            return Cancelled.BeforeItBegan(_type, cancellationToken);
        if (!_intake.IsOpen && _intake.Refuse(origin) is { } refusal)
            return Refused(@event, refusal);
        if (origin is not null)
            PlacesUnderWay.WaitForCauseOf(origin);
        if (_telemetry.SeesPublishing)
            return TellAndPublishAsync(@event, null, options, origin, null, cancellationToken);
        var details = options is null && origin is null ? null : Details.Of(options, origin, parts.Clock);
        return DeliverAsync(@event, _stamper.Next(), details, origin, cancellationToken);
    }

    /// <summary>Publishes one of several events, of which somebody has told all together.</summary>
    public ValueTask PublishOneOfManyAsync(T @event, PublishOptions? options, PublishOrigin? origin, TraceContext? trace, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
            return Cancelled.BeforeItBegan(_type, cancellationToken);
        if (origin is not null)
            PlacesUnderWay.WaitForCauseOf(origin);
        return !_intake.IsOpen && _intake.Refuse(origin) is { } refusal
            ? ValueTask.FromException(refusal)
            : DeliverAsync(@event, _stamper.Next(), Details.Of(options, origin, parts.Clock, trace), origin, cancellationToken);
    }

    /// <summary>Publishes an event whose time has come: it was enriched when it was scheduled.</summary>
    public ValueTask PublishScheduledAsync(T @event, in Stamp stamp, PublishOptions? options, PublishOrigin? origin, Appointment appointment) =>
        _telemetry.SeesPublishing
            ? TellAndPublishAsync(@event, stamp, options, origin, appointment, CancellationToken.None)
            : DeliverEnrichedAsync(@event, stamp, Details.Of(options, origin, parts.Clock, appointment.Trace, appointment), origin, CancellationToken.None);

    /// <summary>Offers such an event again to those that had no room for it. All others have it.</summary>
    /// <exception cref="QueueFullException">Some have no room still.</exception>
    public void OfferScheduledAgain(T @event, in Stamp stamp, PublishOptions? options, PublishOrigin? origin, Appointment appointment, IReadOnlyList<string> to) =>
        parts.Routes.ForRuntimeType(@event.GetType()).Route.OfferAgain(@event, stamp, Details.Of(options, origin, parts.Clock, appointment.Trace, appointment), to);

    /// <summary>Writes those of several events to the log that go there, all in one transaction.</summary>
    /// <returns>For each event what it carries from now on, if it is in the log; nothing at all if none is.</returns>
    public async ValueTask<AppendedEvent?[]?> RecordAsync(IReadOnlyList<T> events, PublishOptions? options, PublishOrigin? origin, TraceContext? trace, CancellationToken cancellationToken)
    {
        if (parts.Routes.Recorder is not { } recorder)
            return null;
        var entries = new AppendedEvent?[events.Count];
        var prepared = new List<(AppendedEvent Event, LogRecord Record)>();
        for (var i = 0; i < entries.Length; i++)
        {
            var route = parts.Routes.ForRuntimeType(events[i].GetType()).Route;
            if (!route.IsRecorded)
                continue;
            var details = Details.Of(options, origin, parts.Clock, trace);
            if (parts.Enrichment is { } enrichment)
                details = await enrichment.EnrichAsync(events[i], details, origin, cancellationToken).AnyContext();
            var entry = recorder.Prepare(events[i], _stamper.Next(), details, route.PlacementFor(origin, tells: true, cancellationToken));
            prepared.Add(entry);
            entries[i] = entry.Event;
        }

        if (prepared.Count == 0)
            return null;
        if (origin is not null)
            PlacesUnderWay.WaitForCauseOf(origin);
        Cancelled.Throw(_type, cancellationToken);
        if (!_intake.IsOpen && _intake.Refuse(origin) is { } refusal)
            throw refusal;
        try
        {
            await recorder.AppendAsync([.. prepared.Select(static entry => entry.Record)], [.. prepared.Select(static entry => entry.Event)], cancellationToken).AnyContext();
        }
        catch
        {
            foreach (var (@event, _) in prepared)
                ((RecordedPlacement<object>?)@event.Placement)?.GiveUp();
            throw;
        }

        return entries;
    }

    /// <summary>Does for an event that is in the log what its publisher has to do besides.</summary>
    public static ValueTask FinishRecordedAsync(in AppendedEvent recorded) =>
        recorded.Placement is RecordedPlacement<object> placement ? placement.FinishAsync(recorded) : default;

    private ValueTask DeliverAsync(T @event, in Stamp stamp, EventDetails? details, PublishOrigin? origin, CancellationToken cancellationToken)
    {
        if (typeof(T).IsValueType ? slot.MustBox : @event.GetType() != _type)
            return DeliverAsObjectAsync(@event, stamp, details, origin, cancellationToken);
        var route = slot.Route;
        return route.IsDirect
            ? route.DeliverAsync(@event, stamp, details, origin, cancellationToken)
            : DeliverElsewhereAsync(slot, route, @event, stamp, details, origin, cancellationToken);
    }

    private ValueTask Refused(T @event, Exception refusal)
    {
        if (_telemetry.SeesPublishing)
        {
            var telling = TellingOf(@event);
            telling.End(telling.Begin(), refusal);
        }

        return ValueTask.FromException(refusal);
    }

    private PublishTelemetry TellingOf(T @event) => _telemetry.PublishingOf(typeof(T).IsValueType ? _type : @event.GetType());

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    private async ValueTask TellAndPublishAsync(T @event, Stamp? given, PublishOptions? options, PublishOrigin? origin, Appointment? appointment, CancellationToken cancellationToken)
    {
        var telling = TellingOf(@event);
        var span = telling.Begin(appointment?.Trace);
        Exception? failure = null;
        try
        {
            var stamp = given ?? _stamper.Next();
            var trace = appointment?.Trace ?? (Tracing.IsOn ? TraceContext.Current : null);
            var details = Details.Of(options, origin, parts.Clock, trace, appointment);
            // Before the span is described: what enriches may give another id.
            if (appointment is null && parts.Enrichment is { } enrichment)
                details = await EnrichAsync(enrichment, @event, details, origin, cancellationToken).AnyContext();
            if (span is { IsAllDataRequested: true })
                Tracing.Describe(span, details?.Id ?? _telemetry.Identity.IdOf(stamp), details?.CorrelationId);
            var delivering = parts.Enrichment is null ? DeliverAsync(@event, stamp, details, origin, cancellationToken) : DeliverEnrichedAsync(@event, stamp, details, origin, cancellationToken);
            await delivering.AnyContext();
        }
        catch (Exception error)
        {
            failure = error;
            throw;
        }
        finally
        {
            telling.End(span, failure);
        }
    }

    private ValueTask DeliverAsObjectAsync(object @event, in Stamp stamp, EventDetails? details, PublishOrigin? origin, CancellationToken cancellationToken)
    {
        var bySelf = parts.Routes.ForRuntimeType(@event.GetType());
        var route = bySelf.Route;
        return route.IsDirect
            ? route.DeliverAsync(@event, stamp, details, origin, cancellationToken)
            : DeliverElsewhereAsync(bySelf, route, @event, stamp, details, origin, cancellationToken);
    }

    private ValueTask DeliverElsewhereAsync<TRouted>(RouteSlot<TRouted> slot, Route<TRouted> route, TRouted @event, in Stamp stamp, EventDetails? details, PublishOrigin? origin, CancellationToken cancellationToken) =>
        parts.Enrichment is { } enrichment ? EnrichThenDeliverAsync(enrichment, slot, @event, stamp, details, origin, cancellationToken)
        : DeliverPreparedAsync(slot, route, @event, stamp, details, origin, cancellationToken);

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    private async ValueTask EnrichThenDeliverAsync<TRouted>(Enrichment enrichment, RouteSlot<TRouted> slot, TRouted @event, Stamp stamp, EventDetails? details, PublishOrigin? origin, CancellationToken cancellationToken)
    {
        details = await EnrichAsync(enrichment, @event!, details, origin, cancellationToken).AnyContext();
        await DeliverPreparedAsync(slot, slot.Route, @event, stamp, details, origin, cancellationToken).AnyContext();
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<EventDetails?> EnrichAsync(Enrichment enrichment, object @event, EventDetails? details, PublishOrigin? origin, CancellationToken cancellationToken)
    {
        details = await enrichment.EnrichAsync(@event, details, origin, cancellationToken).AnyContext();
        Cancelled.Throw(_type, cancellationToken);
        // That may have taken its time, and the bus may have been stopped meanwhile.
        if (!_intake.IsOpen && _intake.Refuse(origin) is { } refusal)
            throw refusal;
        return details;
    }

    private ValueTask DeliverEnrichedAsync(T @event, in Stamp stamp, EventDetails? details, PublishOrigin? origin, CancellationToken cancellationToken)
    {
        var bySelf = parts.Routes.ForRuntimeType(@event.GetType());
        return DeliverPreparedAsync(bySelf, bySelf.Route, @event, stamp, details, origin, cancellationToken);
    }

    private ValueTask DeliverPreparedAsync<TRouted>(RouteSlot slot, Route<TRouted> route, TRouted @event, in Stamp stamp, EventDetails? details, PublishOrigin? origin, CancellationToken cancellationToken) =>
        route.IsObserved ? ObserveAsync(slot, route, @event, stamp, details, origin, cancellationToken)
        : DeliverUnobservedAsync(slot, route, @event, stamp, details, origin, cancellationToken);

    private ValueTask ObserveAsync<TRouted>(RouteSlot slot, Route<TRouted> route, TRouted @event, Stamp stamp, EventDetails? details, PublishOrigin? origin, CancellationToken cancellationToken) =>
        route.ObserveAsync(@event, stamp, details, origin, known => DeliverUnobservedAsync(slot, route, @event, stamp, known, origin, cancellationToken));

    private ValueTask DeliverUnobservedAsync<TRouted>(RouteSlot slot, Route<TRouted> route, TRouted @event, in Stamp stamp, EventDetails? details, PublishOrigin? origin, CancellationToken cancellationToken) =>
        route.IsRecorded ? route.RecordAndDeliverAsync(@event, stamp, details, origin, cancellationToken)
        : route.IsEmpty ? Ignore(slot)
        : route.PublishersPause ? route.DeliverAndPauseAsync(@event, stamp, details, origin, cancellationToken)
        : route.DeliverAsync(@event, stamp, details, origin, cancellationToken);

    private ValueTask Ignore(RouteSlot unheard)
    {
        if (unheard.CountUnheardOf() == 1 && parts.Routes.IsFirstUnheardOf(unheard.EventType))
            LogMessages.UnheardOf(parts.Log, CodeNames.Full(unheard.EventType));
        return default;
    }
}
