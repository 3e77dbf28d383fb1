using System.Runtime.CompilerServices;

namespace EventBus.Timing;

/// <summary>Lets one sleeper wait for one signal, again and again, without allocating.</summary>
/// <remarks>A signal given before the wait is not lost; several signals before the sleeper goes on are one.</remarks>
internal sealed class Wakeup(WorkStarter starter, object? sleeper = null) : ICriticalNotifyCompletion, IThreadPoolWorkItem
{
    private const int Idle = 0;
    private const int Asleep = 1;
    private const int Signalled = 2;

    private int _state;
    private Action? _continuation;

    public bool IsCompleted => Volatile.Read(ref _state) == Signalled;

    public Wakeup GetAwaiter() => this;

    // Pairs with the exchange in Signal: whoever signals says why before, and the sleeper looks for that after. With a plain write here it could look first and then put the
    // signal of a later cause back, and would sleep over that for ever.
    public void GetResult() => Interlocked.Exchange(ref _state, Idle);

    public void Signal()
    {
        if (Interlocked.Exchange(ref _state, Signalled) == Asleep)
            starter.Start(this);
    }

    public void OnCompleted(Action continuation) => UnsafeOnCompleted(continuation);

    public void UnsafeOnCompleted(Action continuation)
    {
        _continuation = continuation;
        if (Interlocked.CompareExchange(ref _state, Asleep, Idle) == Signalled)
            starter.Start(this);
    }

    /// <summary>Awaited, gives the thread to others and goes on from the end of their line.</summary>
    public YieldAwaitable Yield() => new(this);

    public override string? ToString() => sleeper?.ToString() ?? base.ToString();

    void IThreadPoolWorkItem.Execute() => _continuation!();

    internal readonly struct YieldAwaitable(Wakeup wakeup) : ICriticalNotifyCompletion
    {
        public bool IsCompleted => false;

        public YieldAwaitable GetAwaiter() => this;

        public void GetResult() => wakeup.GetResult();

        public void OnCompleted(Action continuation) => UnsafeOnCompleted(continuation);

        public void UnsafeOnCompleted(Action continuation)
        {
            Volatile.Write(ref wakeup._state, Signalled);
            wakeup.UnsafeOnCompleted(continuation);
        }
    }
}
