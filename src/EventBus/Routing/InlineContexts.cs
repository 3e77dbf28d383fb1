using EventBus.Events;

namespace EventBus.Routing;

/// <summary>The contexts of one route's inline publishes, and the count of those in which every handler succeeded.</summary>
internal sealed class InlineContexts<T>(IDeliveryHost host, string[] subscriptions)
{
    private const int Size = 16;
    private const int Tries = 4;

    private readonly InlineContext<T>?[] _contexts = new InlineContext<T>?[Size];
    private readonly object _gate = new();
    private int _beyond;
    private volatile bool _retired;

    /// <summary>Publishes in which every handler succeeded.</summary>
    public long Completed
    {
        get
        {
            long sum = 0;
            foreach (var context in _contexts)
                sum += context is null ? 0 : Volatile.Read(ref context.Completed);
            return sum;
        }
    }

    /// <summary>Whether a publish is under way.</summary>
    public bool AnyInUse => Volatile.Read(ref _beyond) > 0 || Array.Exists(_contexts, static context => context is { IsInUse: true });

    /// <summary>After this nobody counts in bulk who has not begun yet. Once nobody is under way the count is final.</summary>
    public void Retire()
    {
        _retired = true;
        // Pairs with the exchange in TryTake: either whoever rents sees this, or its context is seen to be in use.
        Interlocked.MemoryBarrier();
    }

    public InlineContext<T> Rent()
    {
        // Threads begin at different places, so that they seldom meet.
        var start = Environment.CurrentManagedThreadId;
        for (var i = 0; i < Tries; i++)
        {
            var index = (start + i) & (Size - 1);
            var context = _contexts[index] ?? Create(index);
            if (context.TryTake())
            {
                context.CountsInBulk = !_retired;
                return context;
            }
        }

        Interlocked.Increment(ref _beyond);
        return new InlineContext<T>(host, subscriptions) { IsSpare = true };
    }

    public void Return(InlineContext<T> context)
    {
        context.Delivery.Clear();
        if (context.IsSpare)
            Interlocked.Decrement(ref _beyond);
        else
            context.GiveBack();
    }

    private InlineContext<T> Create(int index)
    {
        lock (_gate)
            return _contexts[index] ??= new InlineContext<T>(host, subscriptions);
    }
}

/// <summary>One publish's context: given to each of its inline handlers in turn.</summary>
internal sealed class InlineContext<T>(IDeliveryHost host, string[] subscriptions)
{
    private int _inUse;

    /// <summary>Written only by whoever has the context.</summary>
    public long Completed;

    public DeliveryContext<T> Delivery { get; } = new(host, subscriptions);

    public bool IsInUse => Volatile.Read(ref _inUse) != 0;

    public bool CountsInBulk { get; set; }

    /// <summary>Whether it was made because all others were taken, for this one publish.</summary>
    public bool IsSpare { get; init; }

    public bool TryTake() => Volatile.Read(ref _inUse) == 0 && Interlocked.Exchange(ref _inUse, 1) == 0;

    // A plain write with each publish: whoever waits until none is in use passes the barrier for both, see IdleSignal.WhenAsync.
    public void GiveBack() => Volatile.Write(ref _inUse, 0);
}
