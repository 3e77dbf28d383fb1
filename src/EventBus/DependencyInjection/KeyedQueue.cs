using EventBus.Checkpointing;
using EventBus.Events;
using EventBus.Queueing;
using EventBus.Timing;

namespace EventBus.DependencyInjection;

/// <summary>Makes the queue that keeps a subscription's keys in order.</summary>
internal sealed class KeyedQueue<T>
{
    private readonly Func<QueueLimits, DueTimer, DeliveryQueue<T>> _create;

    private KeyedQueue(Func<QueueLimits, DueTimer, DeliveryQueue<T>> create) => _create = create;

    /// <summary>By a key that the subscription reads.</summary>
    public static KeyedQueue<T> By<TKey>(Func<T, TKey> key)
    {
        return new((limits, timer) => new LaneQueue<TKey, T>(limits, Read, timer));

        bool Read(in QueuedEvent<T> @event, out TKey value)
        {
            value = key(@event.Event);
            return value is not null;
        }
    }

    /// <summary>By the key that the publisher gave, else by that of the event's type.</summary>
    public static KeyedQueue<T> ByEventKey(Func<object, string?>? keyOfType)
    {
        return new((limits, timer) => new LaneQueue<string, T>(limits, Read, timer));

        bool Read(in QueuedEvent<T> @event, out string value)
        {
            value = (@event.Details?.Key ?? keyOfType?.Invoke(@event.Event!))!;
            return value is not null;
        }
    }

    /// <summary>By the key that a durable subscription has stored, or read, before it adds an event.</summary>
    public static KeyedQueue<T> ByKeyInHand(KeyInHand inHand)
    {
        return new((limits, timer) => new LaneQueue<string, T>(limits, Read, timer));

        bool Read(in QueuedEvent<T> @event, out string value)
        {
            value = inHand.Key!;
            return value is not null;
        }
    }

    /// <summary>All events as if they had one key.</summary>
    public static KeyedQueue<T> Strict()
    {
        return new((limits, timer) => new LaneQueue<byte, T>(limits with { MaxPerKey = limits.Capacity }, Read, timer));

        static bool Read(in QueuedEvent<T> @event, out byte value)
        {
            value = 0;
            return true;
        }
    }

    public DeliveryQueue<T> Create(QueueLimits limits, DueTimer timer) => _create(limits, timer);
}
