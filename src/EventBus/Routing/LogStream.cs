using System.Runtime.ExceptionServices;
using EventBus.Events;
using EventBus.Observing;
using EventBus.Recording;
using EventBus.Settling;
using EventBus.Storage;
using EventBus.Timing;
using Microsoft.Extensions.Logging;

namespace EventBus.Routing;

/// <summary>A stream that begins in the event log: reads pages up to the log's head, then takes each commit as it comes.</summary>
/// <remarks>It takes a commit only if it has read up to the one before and has room for it. Else it lets the commit pass, and reads it from the log once its
/// reader has taken what waits. So nothing is missing, nothing comes twice, and nobody waits for it.</remarks>
internal sealed class LogStream : Subscription, IStreamSource, ICommitRider, ICounted
{
    private const int MaxPage = 256;

    private readonly object _gate = new();
    private readonly StreamBuffer<StreamItem> _buffer;
    private readonly LogSession _session;
    private readonly LogPosition _from;
    private readonly long _headAtStart;
    private readonly LogFilter? _filter;
    private readonly int _pageSize;
    private readonly IDeliveryHost _host;
    private readonly ILogger _log;
    private long _readUpTo;
    private long _takenUpTo;
    private bool _hasBegun;
    private bool _isLive;
    private bool _isReading;
    private bool _ended;

    public LogStream(string name, Type eventType, SubscriptionCounters counters, int capacity, LogPosition from, LogSession session, IDeliveryHost host, WorkStarter starter, ILogger log)
        : base(name, DeliveryMode.Stream, [eventType], counters)
    {
        _buffer = new(capacity);
        _pageSize = Math.Min(capacity, MaxPage);
        _session = session;
        _from = from;
        _host = host;
        _log = log;
        _filter = session.Codec.Types.NamesFor([eventType]) is { } names ? new LogFilter { Types = names } : null;
        News = new(starter);
        // What is published from now on is beyond this.
        _headAtStart = session.Writer.Head;
    }

    public Wakeup News { get; }

    public ExceptionDispatchInfo? Failure { get; private set; }

    public override bool EndsWithTheBus => true;

    public override bool IsPaused => false;

    public override long Handled => Counters.Handled;

    // What its reader has not taken is in the log.
    public override long Accepted => Settled;

    public override long ParkedIn => 0;

    public override long ParkedOut => 0;

    public override bool IsAtRest => true;

    public override bool AwaitsTime => false;

    public override SubscriptionStatistics Statistics
    {
        get
        {
            var statistics = base.Statistics;
            lock (_gate)
                return statistics with { Lag = _hasBegun ? Math.Max(0, _session.Writer.Head - (_buffer.Count == 0 ? _readUpTo : _takenUpTo)) : 0 };
        }
    }

    long ICounted.Done(bool parkedCounts) => 0;

    long ICounted.Begun(bool parkedCounts) => 0;

    // The log brings it its events, and no route.
    public override bool Wants(Type runtimeType) => false;

    public void Begin()
    {
        _session.Writer.Add(this);
        // A log that has failed by now tells nobody again.
        if (_session.Writer.Failure is { } failure)
            EndWith(failure);
    }

    public StreamLook Look<TEvent>(out StreamedEvent<TEvent>? next)
        where TEvent : notnull
    {
        while (true)
        {
            StreamItem item;
            long missed;
            lock (_gate)
            {
                if (!_buffer.TryTake(out item, out missed))
                {
                    next = null;
                    return LookFurther();
                }

                _takenUpTo = item.Record?.Sequence ?? item.Details!.Sequence;
            }

            // Made into an event here, on the reader's time.
            var @event = item.Event ?? _session.Codec.Decode(item.Record!);
            if (@event is TEvent wanted)
            {
                Counters.AddHandled(1);
                next = new(wanted, MetadataOf(item)) { Missed = missed };
                return StreamLook.Taken;
            }

            PassOver(@event, item.Record!, missed);
        }
    }

    public ValueTask LeaveAsync()
    {
        lock (_gate)
        {
            _ended = true;
            _buffer.Clear();
        }

        return DisposeAsync();
    }

    // What waits stays the reader's.
    public override void End()
    {
        _session.Writer.Remove(this);
        Closed();
    }

    public override void Pause() =>
        throw new InvalidOperationException($"Subscription '{Name}' is a stream and cannot be paused: its reader decides when it takes the next event.");

    public override void Resume()
    {
    }

    public override SubscriptionReceipt Account() => new(Name, Statistics, []);

    bool ICommitRider.Write(ILogTransaction transaction) => false;

    void ICommitRider.Committed()
    {
    }

    // It writes nothing.
    bool ICommitRider.TryMend(Exception refusal) => false;

    void ICommitRider.NotCommitted()
    {
    }

    void ICommitRider.Receive(CommittedBatch batch)
    {
        lock (_gate)
        {
            if (_ended || !_isLive)
                return;
            _isLive = _readUpTo >= batch.PreviousHead && TryTake(batch);
        }

        News.Signal();
    }

    void ICommitRider.Fail(EventLogException error) => EndWith(error);

    public void Closed()
    {
        lock (_gate)
            _ended = true;
        News.Signal();
    }

    private EventMetadata MetadataOf(in StreamItem item) =>
        item.Record is { } record ? RecordCodec.MetadataOf(record, Name) : Described.Of(_host, item.Event!, item.Stamp, item.Details, Name);

    // What bytes could not be turned into may have been of a wanted type; an event of another type was not.
    private void PassOver(object @event, LogRecord record, long missed)
    {
        var unreadable = @event as UnreadableEvent;
        lock (_gate)
            _buffer.MissBeforeFirst(missed + (unreadable is null ? 0 : 1));
        if (unreadable is null)
            return;
        Interlocked.Increment(ref Counters.Dropped);
        LogMessages.StreamPassedOver(_log, Name, record.Sequence, LogText.Safe(record.Type), LogText.Safe(record.Id), unreadable.Problem);
    }

    // From here on: with the lock held, unless it says otherwise.

    private StreamLook LookFurther()
    {
        if (_ended)
            return StreamLook.Ended;
        if (_isLive || _isReading)
            return StreamLook.Nothing;
        _isReading = _session.Reader.Post(ReadPage);
        // A reader that takes nothing more has ended with the bus.
        _ended = !_isReading;
        return _ended ? StreamLook.Ended : StreamLook.Nothing;
    }

    private bool TryTake(in CommittedBatch batch)
    {
        var wanted = 0;
        foreach (var appended in batch.Events)
            wanted += IsNew(appended) ? 1 : 0;
        if (_buffer.Room < wanted)
            return false;
        foreach (var appended in batch.Events)
        {
            if (IsNew(appended))
                _buffer.Add(new StreamItem(appended.Event, appended.Stamp, appended.Details));
        }

        _readUpTo = Math.Max(_readUpTo, batch.Head);
        return true;
    }

    // What was committed while a page was read may be on that page.
    private bool IsNew(in AppendedEvent appended) => appended.Details.Sequence > _readUpTo && EventTypes[0].IsInstanceOfType(appended.Event);

    // On the log reader's thread, without the lock.
    private void ReadPage()
    {
        try
        {
            if (!_hasBegun)
            {
                var after = _from.After(_session.Log, _headAtStart, _session.Reader.Patience);
                lock (_gate)
                {
                    _readUpTo = _takenUpTo = after;
                    _hasBegun = true;
                }
            }

            // Before the page: what is committed by now is on it, unless it is full.
            var head = _session.Writer.Head;
            var page = _session.Log.Read(_readUpTo, _pageSize, _filter, _session.Reader.Patience);
            lock (_gate)
                Take(page, head);
            News.Signal();
        }
        catch (OperationCanceledException)
        {
            // The bus stops.
            Closed();
        }
        catch (Exception error)
        {
            EndWith(error);
        }
    }

    private void Take(IReadOnlyList<LogRecord> page, long head)
    {
        _isReading = false;
        if (_ended)
            return;
        foreach (var record in page)
            _buffer.Add(new StreamItem(record));
        var last = page.Count > 0 ? page[^1].Sequence : _readUpTo;
        _readUpTo = page.Count == _pageSize ? last : Math.Max(last, Math.Max(head, _readUpTo));
        // A commit that comes to be known later than this either is on the page or is told of.
        _isLive = _readUpTo >= _session.Writer.Head;
    }

    // Without the lock.
    private void EndWith(Exception error)
    {
        lock (_gate)
        {
            _ended = true;
            Failure ??= ExceptionDispatchInfo.Capture(error);
        }

        News.Signal();
    }
}
