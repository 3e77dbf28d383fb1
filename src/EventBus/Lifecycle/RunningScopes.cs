using EventBus.Events;

namespace EventBus.Lifecycle;

/// <summary>Finds the delivery that a dependency injection scope was opened for, for a publisher that is asked for late.</summary>
internal sealed class RunningScopes
{
    private readonly object _gate = new();
    private readonly List<WeakReference<DeliveryContext>> _contexts = [];

    /// <summary>Contexts are used again and again: each is made known once.</summary>
    public void Add(DeliveryContext context)
    {
        lock (_gate)
        {
            if (_contexts.Count == _contexts.Capacity)
                _contexts.RemoveAll(static known => !known.TryGetTarget(out _));
            _contexts.Add(new(context));
        }
    }

    public DeliveryContext? DeliveryIn(IServiceProvider scope)
    {
        lock (_gate)
        {
            foreach (var known in _contexts)
            {
                if (known.TryGetTarget(out var context) && ReferenceEquals(context.OwnScope, scope))
                    return context;
            }
        }

        return null;
    }
}
