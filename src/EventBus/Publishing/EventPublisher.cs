using System.Runtime.CompilerServices;
using EventBus.Events;
using EventBus.Observing;
using EventBus.Routing;
using EventBus.Timing;

namespace EventBus.Publishing;

/// <summary>The publisher that applications see; of the bus itself, or of one scope and the delivery that runs there.</summary>
internal sealed class EventPublisher(PublishingParts parts, Schedule schedule, LogSchedule? logSchedule, PublishOrigin? origin) : IEventPublisher
{
    public ValueTask PublishAsync<TEvent>(TEvent @event, PublishOptions? options, CancellationToken cancellationToken = default)
        where TEvent : notnull =>
        parts.For<TEvent>().PublishAsync(@event, options, origin, cancellationToken);

    public ValueTask PublishManyAsync<TEvent>(IReadOnlyList<TEvent> events, PublishOptions? options = null, CancellationToken cancellationToken = default)
        where TEvent : notnull
    {
        ArgumentNullException.ThrowIfNull(events);
        if (options?.Id is not null && events.Count > 1)
            throw new ArgumentException("PublishOptions.Id names one event, and PublishManyAsync was given several. Publish them one by one, each with its own id.", nameof(options));
        for (var i = 0; i < events.Count; i++)
        {
            if (events[i] is null)
                throw new ArgumentException($"The event at index {i} is null. Nothing was published.", nameof(events));
        }

        return parts.Telemetry.SeesPublishing
            ? TellAndPublishEachAsync(events, options, cancellationToken)
            : ThrowAnyAsync(TryEachAsync(parts.For<TEvent>(), events, options, null, cancellationToken), events.Count, cancellationToken);
    }

    public ValueTask<ScheduledEvent> ScheduleAsync<TEvent>(TEvent @event, DateTimeOffset dueTime, PublishOptions? options = null, CancellationToken cancellationToken = default)
        where TEvent : notnull =>
        ScheduleAsync(@event, dueTime - parts.Clock.UtcNow, dueTime.ToUniversalTime(), options, cancellationToken);

    public ValueTask<ScheduledEvent> ScheduleAsync<TEvent>(TEvent @event, TimeSpan delay, PublishOptions? options = null, CancellationToken cancellationToken = default)
        where TEvent : notnull
    {
        var now = parts.Clock.UtcNow;
        return ScheduleAsync(@event, delay, Clock.After(now, delay), options, cancellationToken);
    }

    public ValueTask<bool> CancelScheduledAsync(ScheduledEvent scheduled, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(scheduled);
        cancellationToken.ThrowIfCancellationRequested();
        if (schedule.Cancel(scheduled))
            return new(true);
        return logSchedule is null ? new(false) : logSchedule.CancelAsync(ScheduledName.Of(scheduled), cancellationToken);
    }

    public IEventPublisher<TEvent> For<TEvent>()
        where TEvent : notnull =>
        origin is null ? parts.For<TEvent>() : new OfOrigin<TEvent>(parts.For<TEvent>(), origin);

    /// <returns>What became of those that failed; nothing where none did.</returns>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<Dictionary<int, Exception>?> TryEachAsync<TEvent>(Publication<TEvent> publication, IReadOnlyList<TEvent> events, PublishOptions? options, TraceContext? trace, CancellationToken cancellationToken)
        where TEvent : notnull
    {
        // If the log does not take them, nobody gets any.
        var recorded = await publication.RecordAsync(events, options, origin, trace, cancellationToken).AnyContext();
        Dictionary<int, Exception>? failures = null;
        for (var i = 0; i < events.Count; i++)
        {
            try
            {
                if (recorded?[i] is { } entry)
                    await Publication<TEvent>.FinishRecordedAsync(entry).AnyContext();
                else
                    await publication.PublishOneOfManyAsync(events[i], options, origin, trace, cancellationToken).AnyContext();
            }
            catch (Exception error)
            {
                (failures ??= []).Add(i, error);
            }
        }

        return failures;
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    private static async ValueTask ThrowAnyAsync(ValueTask<Dictionary<int, Exception>?> publishing, int count, CancellationToken cancellationToken) =>
        ThrowAny(await publishing.AnyContext(), count, cancellationToken);

    private static void ThrowAny(Dictionary<int, Exception>? failures, int count, CancellationToken cancellationToken)
    {
        if (failures is null)
            return;
        if (cancellationToken.IsCancellationRequested && failures.Values.All(static failure => failure is OperationCanceledException))
            throw new OperationCanceledException($"{failures.Count} of {count} events were not published: the publisher cancelled.", failures.Values.First(), cancellationToken);
        if (failures.Values.Any(static failure => failure is PublishException or OperationCanceledException))
            throw new PublishManyException(count, failures);
        throw new AggregateException("All events were accepted, and inline handlers failed.", failures.Values);
    }

    private ValueTask<ScheduledEvent> ScheduleAsync<TEvent>(TEvent @event, TimeSpan delay, DateTimeOffset dueTime, PublishOptions? options, CancellationToken cancellationToken)
        where TEvent : notnull
    {
        if (@event is null)
            throw new ArgumentNullException(nameof(@event));
        if (cancellationToken.IsCancellationRequested)
            return Cancelled.BeforeItBegan<ScheduledEvent>(typeof(TEvent), cancellationToken);
        if (!parts.Intake.IsOpen && parts.Intake.Refuse(origin) is { } refusal)
            return ValueTask.FromException<ScheduledEvent>(refusal);
        // What is due at once is published by another thread.
        if (origin is not null)
            PlacesUnderWay.WaitForCauseOf(origin);
        return Tracing.IsOn
            ? TellAndScheduleAsync(@event, delay, dueTime, options, cancellationToken)
            : parts.Enrichment is { } enrichment
            ? EnrichThenScheduleAsync(enrichment, @event, delay, dueTime, options, cancellationToken)
            : SchedulePreparedAsync(@event, delay, dueTime, options, null, cancellationToken);
    }

    private async ValueTask<ScheduledEvent> EnrichThenScheduleAsync<TEvent>(Enrichment enrichment, TEvent @event, TimeSpan delay, DateTimeOffset dueTime, PublishOptions? options, CancellationToken cancellationToken)
        where TEvent : notnull
    {
        options = await EnrichAsync(enrichment, @event, options, cancellationToken).AnyContext();
        return await SchedulePreparedAsync(@event, delay, dueTime, options, null, cancellationToken).AnyContext();
    }

    private async ValueTask<PublishOptions?> EnrichAsync(Enrichment enrichment, object @event, PublishOptions? options, CancellationToken cancellationToken)
    {
        options = await enrichment.EnrichAsync(@event, options, origin, parts.Clock, cancellationToken).AnyContext();
        Cancelled.Throw(@event.GetType(), cancellationToken);
        if (!parts.Intake.IsOpen && parts.Intake.Refuse(origin) is { } refusal)
            throw refusal;
        return options;
    }

    private ValueTask<ScheduledEvent> SchedulePreparedAsync<TEvent>(TEvent @event, TimeSpan delay, DateTimeOffset dueTime, PublishOptions? options, TraceContext? trace, CancellationToken cancellationToken)
        where TEvent : notnull
    {
        if (logSchedule is not null && parts.Routes.ForRuntimeType(@event.GetType()).Route.IsRecorded)
            return logSchedule.AddAsync(@event, parts.Stamper.Next(), delay, dueTime, options, origin, Details.Of(options, origin, parts.Clock, trace), cancellationToken);
        return new(schedule.Add(parts.For<TEvent>(), @event, delay, dueTime, options, origin, trace));
    }

    private async ValueTask TellAndPublishEachAsync<TEvent>(IReadOnlyList<TEvent> events, PublishOptions? options, CancellationToken cancellationToken)
        where TEvent : notnull
    {
        var span = parts.Telemetry.PublishingOf(typeof(TEvent)).BeginMany(events.Count);
        Dictionary<int, Exception>? failures = null;
        Exception? failure = null;
        try
        {
            failures = await TryEachAsync(parts.For<TEvent>(), events, options, Tracing.IsOn ? TraceContext.Current : null, cancellationToken).AnyContext();
            ThrowAny(failures, events.Count, cancellationToken);
        }
        catch (Exception error)
        {
            failure = error;
            throw;
        }
        finally
        {
            for (var i = 0; i < events.Count; i++)
                parts.Telemetry.PublishingOf(events[i].GetType()).Count(failures is null ? failure : failures.GetValueOrDefault(i));
            parts.Telemetry.End(span, failure);
        }
    }

    private async ValueTask<ScheduledEvent> TellAndScheduleAsync<TEvent>(TEvent @event, TimeSpan delay, DateTimeOffset dueTime, PublishOptions? options, CancellationToken cancellationToken)
        where TEvent : notnull
    {
        var span = parts.Telemetry.PublishingOf(@event.GetType()).BeginSchedule();
        Exception? failure = null;
        try
        {
            if (parts.Enrichment is { } enrichment)
                options = await EnrichAsync(enrichment, @event, options, cancellationToken).AnyContext();
            var scheduled = await SchedulePreparedAsync(@event, delay, dueTime, options, TraceContext.Current, cancellationToken).AnyContext();
            if (span is { IsAllDataRequested: true })
                Tracing.Describe(span, scheduled.Id, options?.CorrelationId ?? origin?.CorrelationId);
            return scheduled;
        }
        catch (Exception error)
        {
            failure = error;
            throw;
        }
        finally
        {
            parts.Telemetry.End(span, failure);
        }
    }

    private sealed class OfOrigin<TEvent>(Publication<TEvent> publication, PublishOrigin origin) : IEventPublisher<TEvent>
        where TEvent : notnull
    {
        public ValueTask PublishAsync(TEvent @event, PublishOptions? options, CancellationToken cancellationToken = default) =>
            publication.PublishAsync(@event, options, origin, cancellationToken);
    }
}
