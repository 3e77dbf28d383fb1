namespace EventBus.AllocationTests.Support;

/// <summary>A bus of queued subscriptions, and rounds of events from the publish to the last handler's return.</summary>
internal sealed class QueuedRun : IAsyncDisposable
{
    private static readonly TimeSpan s_safetyNet = TimeSpan.FromSeconds(60);

    private readonly int _subscribers;
    private readonly int _publishers;
    private readonly IEventBus _bus;
    private TaskCompletionSource _done = new();
    private int _left;

    public QueuedRun(Action<SubscriptionBuilder<Fact>>? configure = null, int subscribers = 1, int publishers = 1, Action<EventBusBuilder>? configureBus = null)
    {
        _subscribers = subscribers;
        _publishers = publishers;
        var builder = new EventBusBuilder();
        configureBus?.Invoke(builder);
        var handler = new CountingHandler(this);
        for (var i = 0; i < subscribers; i++)
        {
            builder.AddHandler(handler, s =>
            {
                s.Named($"subscriber-{i}");
                configure?.Invoke(s);
            });
        }

        _bus = builder.Build();
    }

    public Task<double> BytesPerEventAsync(int events = Allocations.Events) => Allocations.PerEventAsync(HandleAsync, events);

    public ValueTask DisposeAsync() => _bus.DisposeAsync();

    private async Task HandleAsync(int events)
    {
        _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
        _left = events * _subscribers;
        var publishing = new Task[_publishers];
        for (var i = 0; i < publishing.Length; i++)
            publishing[i] = Task.Run(() => PublishAsync(events / _publishers));
        await Task.WhenAll(publishing);
        await _done.Task.WaitAsync(s_safetyNet);
    }

    private async Task PublishAsync(int events)
    {
        var publisher = _bus.For<Fact>();
        for (var i = 0; i < events; i++)
            await publisher.PublishAsync(Fact.All[i % Fact.All.Length]);
    }

    private sealed class CountingHandler(QueuedRun run) : IEventHandler<Fact>
    {
        public ValueTask HandleAsync(Fact @event, EventContext context, CancellationToken cancellationToken)
        {
            if (Interlocked.Decrement(ref run._left) == 0)
                run._done.SetResult();
            return default;
        }
    }
}
