using System.Threading.Tasks.Sources;
using EventBus.Storage;

namespace EventBus.Recording;

/// <summary>Appends what was published. Completes with its commit.</summary>
internal abstract class AppendOperation : LogOperation, IValueTaskSource
{
    private const int Waiting = 0;
    private const int Taken = 1;
    private const int GivenUp = 2;

    private ManualResetValueTaskSourceCore<bool> _source = new() { RunContinuationsAsynchronously = true };
    private CancellationTokenRegistration _cancellation;
    private int _state;
    private int _completed;

    /// <summary>Ends the waiting when the token is cancelled: an operation that the writer has not taken yet is not done at all.</summary>
    public ValueTask WaitAsync(CancellationToken cancellationToken)
    {
        if (cancellationToken.CanBeCanceled)
            _cancellation = cancellationToken.UnsafeRegister(static (state, token) => ((AppendOperation)state!).GiveUp(token), this);
        return new(this, _source.Version);
    }

    public override bool TryTake() => Interlocked.CompareExchange(ref _state, Taken, Waiting) == Waiting;

    public override void Committed()
    {
        if (TryComplete())
            _source.SetResult(true);
    }

    public override void Failed(Exception error)
    {
        if (TryComplete())
            _source.SetException(error);
    }

    void IValueTaskSource.GetResult(short token)
    {
        _cancellation.Dispose();
        _source.GetResult(token);
    }

    ValueTaskSourceStatus IValueTaskSource.GetStatus(short token) => _source.GetStatus(token);

    void IValueTaskSource.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _source.OnCompleted(continuation, state, token, flags);

    private void GiveUp(CancellationToken cancellationToken)
    {
        var inTime = Interlocked.CompareExchange(ref _state, GivenUp, Waiting) == Waiting;
        if (TryComplete())
        {
            _source.SetException(new OperationCanceledException(
                inTime
                    ? "The publisher cancelled before its event was written to the log. It is not there."
                    : "The publisher cancelled while its event was being committed to the log. It may be there: publishing it again with the same id stores it once.",
                cancellationToken));
        }
    }

    private bool TryComplete() => Interlocked.Exchange(ref _completed, 1) == 0;
}

/// <summary>Appends one event.</summary>
/// <param name="record">The event as it is stored.</param>
/// <param name="event">The event as it is delivered.</param>
/// <param name="types">Knows the names of its type.</param>
/// <param name="deduplicateSinceTicks">Since when its id is looked for, in UTC ticks; 0 for not at all.</param>
internal sealed class AppendOne(LogRecord record, AppendedEvent @event, EventTypeRegistry types, long deduplicateSinceTicks) : AppendOperation
{
    public LogAppended Appended { get; private set; }

    public override long LastAppended => Appended.IsDuplicate ? 0 : Appended.Sequence;

    public override void Apply(ILogTransaction transaction) =>
        Appended = transaction.Append(record, deduplicateSinceTicks == 0 ? null : new DateTimeOffset(deduplicateSinceTicks, TimeSpan.Zero), types.OthersOf(record));

    public override void AddTo(List<AppendedEvent> appended)
    {
        @event.Details.Sequence = Appended.Sequence;
        if (!Appended.IsDuplicate)
            appended.Add(@event);
    }
}

/// <summary>Appends several events in one transaction.</summary>
internal sealed class AppendMany(LogRecord[] records, AppendedEvent[] events, EventTypeRegistry types, DateTimeOffset? deduplicateSince) : AppendOperation
{
    private readonly LogAppended[] _appended = new LogAppended[records.Length];

    /// <summary>What became of each, once it is committed.</summary>
    public IReadOnlyList<LogAppended> Appended => _appended;

    public override long LastAppended => Array.FindLast(_appended, static appended => !appended.IsDuplicate).Sequence;

    public override void Apply(ILogTransaction transaction)
    {
        for (var i = 0; i < records.Length; i++)
            _appended[i] = transaction.Append(records[i], deduplicateSince, types.OthersOf(records[i]));
    }

    public override void AddTo(List<AppendedEvent> appended)
    {
        for (var i = 0; i < events.Length; i++)
        {
            events[i].Details.Sequence = _appended[i].Sequence;
            if (!_appended[i].IsDuplicate)
                appended.Add(events[i]);
        }
    }
}
