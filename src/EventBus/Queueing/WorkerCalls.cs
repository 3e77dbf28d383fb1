using EventBus.Timing;

namespace EventBus.Queueing;

/// <summary>The workers of a <see cref="LaneQueue{TKey, T}"/> that sleep, and the rule by which they are called. Guarded by the entrance's lock.</summary>
/// <remarks>
/// One is called at a time; a worker that was called and finds more than it can take calls the next. While handlers are
/// quick, a single worker keeps up with everything, and a second one would only be in its way: then nobody is called, those
/// that are awake beside it go to rest, and a nudge is set that looks soon whether something was left behind a handler that
/// suddenly is not quick. Where time only passes when a test says so, nobody would look, and no handler counts as quick.
/// </remarks>
internal sealed class WorkerCalls<T>(DueTimer timer, WorkerProgress<T> progress, Action nudged) : DueItem
{
    private static readonly TimeSpan s_nudgeAfter = TimeSpan.FromMilliseconds(10);

    // Fewer deliveries than these between two nudges, and the worker that is awake is held up by its handler.
    private const int LeastBetweenNudges = 100;

    // After so many deliveries it is looked how long they took.
    private const int JudgedAfter = 64;

    // A second worker is worth its while only for handlers that take longer than handing their events to it.
    private static readonly TimeSpan s_quick = TimeSpan.FromMicroseconds(1);

    private readonly Stack<Worker<T>> _asleep = new();
    private long _begunAtNudge;
    private int _workers;
    private bool _searching;
    private bool _nudging;

    /// <summary>Whether handlers have been quick of late.</summary>
    public bool IsQuick { get; set; }

    /// <summary>Whether a worker that is done with its delivery would be in another's way; may be read without the lock, as a hint.</summary>
    public bool HasOneTooMany => IsQuick && Awake > 1;

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
        worker.Counted = 0;
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
                _begunAtNudge = progress.Begun;
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

    /// <summary>Looks whether a worker's latest deliveries were quick, where there are enough of them to tell.</summary>
    public void Judge(Worker<T> worker)
    {
        if (worker.Counted < JudgedAfter)
            return;
        var took = TimeSpan.FromTicks(timer.Clock.Now - worker.CountedFrom);
        IsQuick = timer.Clock.IsSystem && took < worker.Counted * s_quick;
        worker.Counted = 0;
    }

    public void EndNudge()
    {
        _nudging = false;
        IsQuick &= progress.Begun - _begunAtNudge >= LeastBetweenNudges;
    }

    public override void OnDue() => nudged();
}
