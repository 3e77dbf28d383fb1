using System.Runtime.CompilerServices;
using EventBus.Events;
using EventBus.Observing;
using EventBus.Storage;
using EventBus.Timing;
using Microsoft.Extensions.Logging;

namespace EventBus.Recording;

/// <summary>Writes published events to the log, before anybody gets them.</summary>
internal sealed class Recorder(IEventLog log, RecordCodec codec, TimeSpan deduplicationWindow, Clock clock, DueTimer timer, WorkStarter starter, ILogger logger)
{
    private volatile LogSession? _session;

    public IEventLog Log => log;

    public RecordCodec Codec => codec;

    /// <summary>The log as it is open now.</summary>
    /// <exception cref="EventBusStoppedException">It is not.</exception>
    public LogSession Session => _session ?? throw new EventBusStoppedException("The bus is not started, and its event log is not open. Start it with StartAsync.");

    public bool IsOpen => _session is not null;

    /// <summary>Why the log is not written to any more; nothing while it works or is not open.</summary>
    public EventLogException? Failure => _session?.Writer.Failure;

    /// <summary>Begins to write to a log that was opened.</summary>
    public LogSession Begin(long head)
    {
        var writer = new LogWriter(log, head, clock, timer, starter, logger);
        // What reading stumbles over without a word to say would be passed over without one.
        var reader = new LogReader(log, starter, fault => writer.FailWith(new EventLogException($"The event log '{log.Name}' could not be read: {fault.GetType().Name}: {ExceptionText.MessageOf(fault)}", fault)));
        var session = new LogSession(log, codec, writer, reader);
        _session = session;
        return session;
    }

    /// <summary>Forgets a session whose start has failed.</summary>
    public void Drop() => _session = null;

    /// <summary>Ends what reads the log for long, so that what a stop waits for has its turn.</summary>
    public void CancelLongReading() => _session?.Reader.CancelLong();

    /// <summary>Writes what is left to write, and closes the log.</summary>
    public async Task EndAsync()
    {
        if (_session is not { } session)
            return;
        _session = null;
        await session.Reader.EndAsync().AnyContext();
        await session.Writer.EndAsync().AnyContext();
        try
        {
            log.Close(clean: session.Writer.Failure is null);
        }
        catch (EventLogException error)
        {
            LogMessages.LogCloseFailed(logger, error, log.Name);
        }
    }

    /// <summary>Appends an event; completes with its commit.</summary>
    /// <returns>The event with what it carries from now on, its id and its sequence included.</returns>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<AppendedEvent> RecordAsync(object @event, Stamp stamp, EventDetails? details, Placement? placement, CancellationToken cancellationToken)
    {
        var (entry, record) = Prepare(@event, stamp, details, placement);
        var append = new AppendOne(record, entry, codec.Types, DeduplicateSince(record.IsIdGiven)?.UtcTicks ?? 0);
        await AppendAsync(append, cancellationToken).AnyContext();
        Report(record, append.Appended);
        return entry;
    }

    /// <summary>What is to be appended for an event.</summary>
    public (AppendedEvent Event, LogRecord Record) Prepare(object @event, in Stamp stamp, EventDetails? details, Placement? placement = null)
    {
        var given = details?.Id;
        details ??= new EventDetails();
        details.Id ??= codec.IdOf(stamp);
        return (new(@event, stamp, details) { Placement = placement }, codec.Encode(@event, stamp, details, given));
    }

    /// <summary>Appends events in one transaction; completes with its commit.</summary>
    public async ValueTask AppendAsync(LogRecord[] records, AppendedEvent[] events, CancellationToken cancellationToken)
    {
        var append = new AppendMany(records, events, codec.Types, DeduplicateSince(Array.Exists(records, static record => record.IsIdGiven)));
        await AppendAsync(append, cancellationToken).AnyContext();
        for (var i = 0; i < records.Length; i++)
            Report(records[i], append.Appended[i]);
    }

    /// <summary>Since when an id is looked for. The clock is read only where one has to be.</summary>
    public DateTimeOffset? DeduplicateSince(bool isIdGiven) => isIdGiven ? clock.UtcNow - deduplicationWindow : null;

    /// <summary>Says so where an id was found that belongs to another event.</summary>
    public void Report(LogRecord record, in LogAppended appended)
    {
        if (appended is { IsDuplicate: true, IsSameBody: false })
            LogMessages.SameIdOtherBody(logger, record.Type, LogText.Safe(record.Id));
    }

    private ValueTask AppendAsync(AppendOperation append, CancellationToken cancellationToken)
    {
        var writer = Session.Writer;
        var committed = append.WaitAsync(cancellationToken);
        writer.Submit(append);
        return committed;
    }
}
