using EventBus.Timing;

namespace EventBus.Testing.Interleaving;

/// <summary>Starts work by making it a step.</summary>
internal sealed class StepStarter(StepScheduler scheduler) : WorkStarter
{
    public override int DeliveriesInARow => 1;

    public override bool PublishersPause => true;

    public override void Start(IThreadPoolWorkItem work) => scheduler.Add(new(work, null));

    public override OwnThread StartThread(string name, IThreadWork work, int naps = 0) => new StepThread(name, work, this);

    public override void Wait(Task task)
    {
        scheduler.RunUntil(task);
        task.GetAwaiter().GetResult();
    }
}
