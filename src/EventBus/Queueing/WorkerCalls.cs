using EventBus.Timing;

namespace EventBus.Queueing;

/// <summary>The workers of a <see cref="LaneQueue{TKey, T}"/> that sleep, and the rule by which they are called. Guarded by the entrance's lock.</summary>
/// <remarks>
/// One is called at a time; a worker that was called and finds more than it can take calls the next. While handlers are
/// quick, a single worker that is awake keeps up with everything, and calling another for each event would cost more than all
/// the rest: then nobody is called, but a nudge is set that looks soon whether something was left behind a handler that
/// suddenly is not quick.
/// </remarks>
internal sealed class WorkerCalls<T>(DueTimer timer, Action nudged) : DueItem
{
    private static readonly TimeSpan s_nudgeAfter = TimeSpan.FromMilliseconds(10);

    private readonly Stack<Worker<T>> _asleep = new();
    private int _workers;
    private bool _searching;
    private bool _nudging;

    /// <summary>Whether handlers have been quick of late.</summary>
    public bool IsQuick { get; set; }

    public int Awake => _workers - _asleep.Count;

    /// <summary>May be read without the lock, as a hint.</summary>
    public bool AnyAsleep { get; private set; }

    public void Attach(Worker<T> worker)
    {
        _workers++;
        Rest(worker);
    }

    public void Rest(Worker<T> worker)
    {
        EndSearch(worker);
        _asleep.Push(worker);
        AnyAsleep = true;
    }

    public void EndSearch(Worker<T> worker)
    {
        if (!worker.IsSearching)
            return;
        worker.IsSearching = false;
        _searching = false;
    }

    /// <summary>There is work.</summary>
    /// <returns>The worker to wake, outside the lock.</returns>
    public Worker<T>? Call()
    {
        if (!AnyAsleep || _searching)
            return null;
        if (IsQuick && _asleep.Count < _workers)
        {
            if (!_nudging)
            {
                _nudging = true;
                timer.Add(this, s_nudgeAfter);
            }

            return null;
        }

        var worker = _asleep.Pop();
        AnyAsleep = _asleep.Count > 0;
        worker.IsSearching = true;
        _searching = true;
        return worker;
    }

    public void EndNudge()
    {
        _nudging = false;
        IsQuick = false;
    }

    public override void OnDue() => nudged();
}
