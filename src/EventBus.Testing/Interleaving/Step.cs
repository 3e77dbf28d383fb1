namespace EventBus.Testing.Interleaving;

/// <summary>Something that can run at once.</summary>
/// <param name="Work">What runs: a work item, a callback of a continuation, or a test's own action.</param>
/// <param name="State">What a callback is called with.</param>
internal readonly record struct Step(object Work, object? State)
{
    public string Name => StepNames.Of(Work, State);

    public void Run()
    {
        if (Work is IThreadPoolWorkItem item)
            item.Execute();
        else
            ((SendOrPostCallback)Work)(State);
    }
}
