using EventBus.Storage;

namespace EventBus.Recording;

/// <summary>One change of the log that somebody waits for. It is committed together with whatever else has come in meanwhile.</summary>
internal abstract class LogOperation
{
    /// <summary>The operation that came in before, while it waits for the writer.</summary>
    public LogOperation? Before;

    /// <summary>Whether it is still wanted. Asked once, before it is applied.</summary>
    public virtual bool TryTake() => true;

    /// <summary>Makes the change. Called again if the transaction has to be begun again.</summary>
    public abstract void Apply(ILogTransaction transaction);

    /// <summary>The greatest sequence that it has added to the log; 0 for none.</summary>
    public virtual long LastAppended => 0;

    /// <summary>The events that it appended, as far as they can be delivered as they are.</summary>
    public virtual void AddTo(List<AppendedEvent> appended)
    {
    }

    /// <summary>It is committed. Must be short: the writer calls it.</summary>
    public abstract void Committed();

    /// <summary>It is not, or not known to be, committed.</summary>
    public abstract void Failed(Exception error);
}

/// <summary>A change that gives an answer.</summary>
internal sealed class LogOperation<T>(Func<ILogTransaction, T> change) : LogOperation
{
    private readonly TaskCompletionSource<T> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private T? _result;

    public Task<T> Task => _done.Task;

    public override void Apply(ILogTransaction transaction) => _result = change(transaction);

    public override void Committed() => _done.TrySetResult(_result!);

    public override void Failed(Exception error) => _done.TrySetException(error);
}
