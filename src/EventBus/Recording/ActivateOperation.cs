using EventBus.Events;
using EventBus.Storage;

namespace EventBus.Recording;

/// <summary>Turns a scheduled event into one of the log, in one transaction: it is in exactly one of the two places.</summary>
/// <param name="record">The event as it is stored.</param>
/// <param name="event">The event as it is delivered; none where it cannot be read.</param>
/// <param name="types">Knows the names of its type.</param>
/// <param name="deduplicateSince">Since when its id is looked for; <see langword="null"/> for not at all.</param>
/// <param name="onRemoved">Told when it is no longer scheduled, before it is committed.</param>
internal sealed class ActivateOperation(LogRecord record, AppendedEvent? @event, EventTypeRegistry types, DateTimeOffset? deduplicateSince, Action<LogRecord> onRemoved) : LogOperation
{
    private readonly TaskCompletionSource<bool> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private bool _wasThere;

    public LogRecord Record => record;

    public AppendedEvent? Event => @event;

    /// <summary>Whether it was still scheduled.</summary>
    public Task<bool> Task => _done.Task;

    /// <summary>What became of it, once it is committed: an event of its id may have been in the log before.</summary>
    public LogAppended Appended { get; private set; }

    public override long LastAppended => Appended.IsDuplicate ? 0 : Appended.Sequence;

    public override void Apply(ILogTransaction transaction)
    {
        _wasThere = transaction.RemoveScheduled(record.Type, record.Source, record.Id) is not null;
        Appended = _wasThere ? transaction.Append(record, deduplicateSince, types.OthersOf(record)) : default;
        onRemoved(record);
    }

    public override void AddTo(List<AppendedEvent> appended)
    {
        if (!_wasThere || @event is not { } live)
            return;
        live.Details.Sequence = Appended.Sequence;
        if (!Appended.IsDuplicate)
            appended.Add(live);
    }

    public override void Committed() => _done.TrySetResult(_wasThere);

    public override void Failed(Exception error) => _done.TrySetException(error);
}
