using EventBus.Events;
using EventBus.Timing;

namespace EventBus.Testing;

/// <summary>A publisher without a bus, for a unit test of a class that publishes: it keeps what it is given, and delivers it to nobody.</summary>
/// <remarks>Thread-safe. It checks arguments as a bus does.</remarks>
public sealed class RecordingPublisher : IEventPublisher
{
    private readonly object _gate = new();
    private readonly TimeProvider _time;
    private readonly List<RecordedPublish> _all = [];
    private Exception? _failure;
    private int _number;

    /// <summary>A publisher that has got nothing.</summary>
    /// <param name="time">Tells when a delayed event is due; default: a <see cref="TestClock"/> that stands still.</param>
    public RecordingPublisher(TimeProvider? time = null) => _time = time ?? new TestClock();

    /// <summary>Everything that was published or scheduled, and not cancelled, in order.</summary>
    public IReadOnlyList<RecordedPublish> All
    {
        get
        {
            lock (_gate)
                return [.. _all];
        }
    }

    /// <summary>The events of a type that were published at once, in order. A base type, an interface or <see cref="object"/> gets every event of it.</summary>
    public IReadOnlyList<T> Published<T>() => [.. All.Where(static publish => publish.Scheduled is null).Select(static publish => publish.Event).OfType<T>()];

    /// <summary>The events of a type that were scheduled and not cancelled, in order of scheduling.</summary>
    public IReadOnlyList<T> Scheduled<T>() => [.. All.Where(static publish => publish.Scheduled is not null).Select(static publish => publish.Event).OfType<T>()];

    /// <summary>Lets every publish fail from now on; with <see langword="null"/>, succeed again. What fails is not kept.</summary>
    /// <param name="error">For example an <see cref="EventBusStoppedException"/>.</param>
    public void FailWith(Exception? error)
    {
        lock (_gate)
            _failure = error;
    }

    /// <inheritdoc/>
    public ValueTask PublishAsync<TEvent>(TEvent @event, PublishOptions? options, CancellationToken cancellationToken = default)
        where TEvent : notnull
    {
        Check(@event);
        if (cancellationToken.IsCancellationRequested)
            return ValueTask.FromCanceled(cancellationToken);
        lock (_gate)
        {
            if (_failure is not null)
                return ValueTask.FromException(_failure);
            _all.Add(new(@event, options, null));
        }

        return default;
    }

    /// <inheritdoc/>
    public ValueTask PublishManyAsync<TEvent>(IReadOnlyList<TEvent> events, PublishOptions? options = null, CancellationToken cancellationToken = default)
        where TEvent : notnull
    {
        ArgumentNullException.ThrowIfNull(events);
        if (options?.Id is not null && events.Count > 1)
            throw new ArgumentException("PublishOptions.Id names one event, and PublishManyAsync was given several.", nameof(options));
        if (events.Any(static one => one is null))
            throw new ArgumentException("One of the events is null. Nothing was published.", nameof(events));
        if (cancellationToken.IsCancellationRequested)
            return ValueTask.FromCanceled(cancellationToken);
        lock (_gate)
        {
            if (_failure is not null)
                return ValueTask.FromException(_failure);
            foreach (var one in events)
                _all.Add(new(one, options, null));
        }

        return default;
    }

    /// <inheritdoc/>
    public ValueTask<ScheduledEvent> ScheduleAsync<TEvent>(TEvent @event, DateTimeOffset dueTime, PublishOptions? options = null, CancellationToken cancellationToken = default)
        where TEvent : notnull
    {
        Check(@event);
        if (cancellationToken.IsCancellationRequested)
            return ValueTask.FromCanceled<ScheduledEvent>(cancellationToken);
        lock (_gate)
        {
            if (_failure is not null)
                return ValueTask.FromException<ScheduledEvent>(_failure);
            var scheduled = new ScheduledEvent(options?.Id ?? $"scheduled-{++_number}", dueTime.ToUniversalTime(), EventNames.OfAttribute(@event.GetType()), options?.Source);
            _all.Add(new(@event, options, scheduled));
            return new(scheduled);
        }
    }

    /// <inheritdoc/>
    public ValueTask<ScheduledEvent> ScheduleAsync<TEvent>(TEvent @event, TimeSpan delay, PublishOptions? options = null, CancellationToken cancellationToken = default)
        where TEvent : notnull
    {
        var now = _time.GetUtcNow();
        return ScheduleAsync(@event, Clock.After(now, delay), options, cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask<bool> CancelScheduledAsync(ScheduledEvent scheduled, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(scheduled);
        if (cancellationToken.IsCancellationRequested)
            return ValueTask.FromCanceled<bool>(cancellationToken);
        lock (_gate)
            return new(_all.RemoveAll(publish => publish.Scheduled is { } one && (one.Id, one.Type, one.Source) == (scheduled.Id, scheduled.Type, scheduled.Source)) > 0);
    }

    /// <inheritdoc/>
    public IEventPublisher<TEvent> For<TEvent>()
        where TEvent : notnull => new Bound<TEvent>(this);

    private static void Check<TEvent>(TEvent @event)
    {
        if (@event is null)
            throw new ArgumentNullException(nameof(@event));
    }

    private sealed class Bound<TEvent>(RecordingPublisher publisher) : IEventPublisher<TEvent>
        where TEvent : notnull
    {
        public ValueTask PublishAsync(TEvent @event, PublishOptions? options, CancellationToken cancellationToken = default) =>
            publisher.PublishAsync(@event, options, cancellationToken);
    }
}

/// <summary>One event that a <see cref="RecordingPublisher"/> was given.</summary>
/// <param name="Event">The event.</param>
/// <param name="Options">Its attributes, as they were given.</param>
/// <param name="Scheduled">When it is due; nothing where it was published at once.</param>
public sealed record RecordedPublish(object Event, PublishOptions? Options, ScheduledEvent? Scheduled);
