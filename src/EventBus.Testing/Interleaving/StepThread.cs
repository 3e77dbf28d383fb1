using EventBus.Timing;

namespace EventBus.Testing.Interleaving;

/// <summary>A thread of the bus's own that is none: each piece of its work is a step.</summary>
internal sealed class StepThread(string name, IThreadWork work, WorkStarter starter) : OwnThread, IThreadPoolWorkItem
{
    private bool _awake;
    private bool _ended;

    public override void Wake()
    {
        if (_awake || _ended || !work.HasMore)
            return;
        _awake = true;
        starter.Start(this);
    }

    public void Execute()
    {
        _awake = false;
        _ended = work.HasMore && !work.DoNext();
        Wake();
    }

    public override string ToString() => name;
}
