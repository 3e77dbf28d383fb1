namespace EventBus.BehaviourTests.Support;

/// <summary>Threads that publish numbers as fast as they can until the bus takes no more.</summary>
/// <param name="count">How many.</param>
internal sealed class Publishers(int count)
{
    private const int WarmUp = 100;

    private readonly TaskCompletionSource _allPublish = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _missing = count;

    /// <summary>Each has had some events accepted.</summary>
    public Task AllPublish => _allPublish.Task.Soon();

    /// <returns>How many events were accepted. Any error but the typed one is the task's own.</returns>
    public async Task<long> PublishUntilStoppedAsync(IEventBus bus) =>
        (await Task.WhenAll(Enumerable.Range(0, _missing).Select(_ => Task.Run(() => PublishAsync(bus))))).Sum();

    private async Task<long> PublishAsync(IEventBus bus)
    {
        for (var accepted = 0; ; accepted++)
        {
            if (accepted == WarmUp && Interlocked.Decrement(ref _missing) == 0)
                _allPublish.SetResult();
            try
            {
                await bus.PublishAsync(accepted);
            }
            catch (EventBusStoppedException)
            {
                return accepted;
            }
        }
    }
}
