using EventBus.Events;
using EventBus.Storage;

namespace EventBus.Recording;

/// <summary>Turns a scheduled event into one of the log, in one transaction: it is in exactly one of the two places.</summary>
internal sealed class ActivateOperation(LogRecord record, AppendedEvent? @event) : LogOperation
{
    private readonly TaskCompletionSource<bool> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private bool _wasThere;
    private long _sequence;

    /// <summary>Whether it was still scheduled.</summary>
    public Task<bool> Task => _done.Task;

    public override long LastAppended => _wasThere ? _sequence : 0;

    public override void Apply(ILogTransaction transaction)
    {
        _wasThere = transaction.RemoveScheduled(record.Id) is not null;
        if (_wasThere)
            _sequence = transaction.Append(record, null).Sequence;
    }

    public override void AddTo(List<AppendedEvent> appended)
    {
        if (!_wasThere || @event is not { } live)
            return;
        live.Details.Sequence = _sequence;
        appended.Add(live);
    }

    public override void Committed() => _done.TrySetResult(_wasThere);

    public override void Failed(Exception error) => _done.TrySetException(error);
}
