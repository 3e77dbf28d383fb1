using EventBus.DependencyInjection;
using EventBus.Handling;
using Microsoft.Extensions.DependencyInjection;

namespace EventBus;

/// <summary>Configures a subscription of one handler to several event types: one queue, one order, one set of retries.</summary>
/// <typeparam name="THandler">The handler; it implements <see cref="IEventHandler{TEvent}"/> of each.</typeparam>
public sealed class MultiSubscriptionBuilder<THandler> : SubscriptionBuilderOf<MultiSubscriptionBuilder<THandler>>
    where THandler : class
{
    internal MultiSubscriptionBuilder()
    {
    }

    internal List<string> Errors { get; } = [];

    internal List<MultiBinding> Bindings { get; } = [];

    /// <summary>Subscribes to an event type. An event that is of several of the subscription's types is handled once, as the most derived of them.</summary>
    /// <typeparam name="TEvent">The event type.</typeparam>
    /// <param name="key">Reads the key by which the subscription keeps its events in order, across all its types; keys are equal if <see cref="object.Equals(object)"/> says so. Default: no order by key.</param>
    /// <param name="where">Handles only what this holds for. Default: all.</param>
    public MultiSubscriptionBuilder<THandler> On<TEvent>(Func<TEvent, object?>? key = null, Func<TEvent, bool>? where = null)
        where TEvent : notnull
    {
        if (!typeof(IEventHandler<TEvent>).IsAssignableFrom(typeof(THandler)))
            Errors.Add($"Handler '{typeof(THandler).FullName}' is subscribed to '{typeof(TEvent).FullName}' but is no IEventHandler<{typeof(TEvent).Name}>. Implement it, or drop On<{typeof(TEvent).Name}>().");
        else if (Bindings.Exists(static binding => binding.EventType == typeof(TEvent)))
            Errors.Add($"Handler '{typeof(THandler).FullName}' is subscribed to '{typeof(TEvent).FullName}' twice in one subscription. Drop one On<{typeof(TEvent).Name}>().");
        else
            Bindings.Add(new MultiBinding(typeof(TEvent), key is null ? null : @event => key((TEvent)@event), parts => Stage(parts, where)));
        Settings.IsOrdered |= key is not null;
        return this;
    }

    private static CastStage<TEvent> Stage<TEvent>(CallParts parts, Func<TEvent, bool>? where)
        where TEvent : notnull
    {
        AttemptStage<TEvent> call = parts.CallOf<TEvent>(typeof(THandler));
        return new CastStage<TEvent>(where is null ? call : new FilterStage<TEvent>(where, call));
    }
}
