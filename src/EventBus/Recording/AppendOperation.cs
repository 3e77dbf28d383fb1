using System.Threading.Tasks.Sources;
using EventBus.Events;
using EventBus.Storage;

namespace EventBus.Recording;

/// <summary>Appends events that were published together. Completes with their commit.</summary>
internal sealed class AppendOperation(LogRecord[] records, AppendedEvent[] events, Func<DateTimeOffset?> deduplicateSince) : LogOperation, IValueTaskSource
{
    private const int Waiting = 0;
    private const int Taken = 1;
    private const int GivenUp = 2;

    private ManualResetValueTaskSourceCore<bool> _source = new() { RunContinuationsAsynchronously = true };
    private CancellationTokenRegistration _cancellation;
    private readonly LogAppended[] _appended = new LogAppended[records.Length];
    private int _state;
    private int _completed;

    /// <summary>What became of each, once it is committed.</summary>
    public IReadOnlyList<LogAppended> Appended => _appended;

    /// <summary>Ends the waiting when the token is cancelled: an operation that the writer has not taken yet is not done at all.</summary>
    public ValueTask WaitAsync(CancellationToken cancellationToken)
    {
        if (cancellationToken.CanBeCanceled)
            _cancellation = cancellationToken.UnsafeRegister(static (state, token) => ((AppendOperation)state!).GiveUp(token), this);
        return new(this, _source.Version);
    }

    public override bool TryTake() => Interlocked.CompareExchange(ref _state, Taken, Waiting) == Waiting;

    public override void Apply(ILogTransaction transaction)
    {
        for (var i = 0; i < records.Length; i++)
            _appended[i] = transaction.Append(records[i], records[i].IsIdGiven ? deduplicateSince() : null);
    }

    public override long LastAppended
    {
        get
        {
            for (var i = _appended.Length - 1; i >= 0; i--)
            {
                if (!_appended[i].IsDuplicate)
                    return _appended[i].Sequence;
            }

            return 0;
        }
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
