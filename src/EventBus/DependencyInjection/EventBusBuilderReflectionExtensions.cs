using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using EventBus.DependencyInjection;

namespace EventBus;

/// <summary>Registers handlers that code does not name one by one. Conveniences by reflection: trimmed and Native AOT applications use <see cref="EventBusBuilder.AddHandler{TEvent, THandler}"/>.</summary>
public static class EventBusBuilderReflectionExtensions
{
    private const string Untrimmed = "Handlers and events are found by reflection and may have been trimmed away. Register each with AddHandler<TEvent, THandler>().";
    private const string Dynamic = "Generic code for event types is made at run time. Register each with AddHandler<TEvent, THandler>().";

    /// <summary>Subscribes an open generic handler, such as <c>typeof(AuditEverything&lt;&gt;)</c>, to every event type that its constraints allow: a subscription for each, queued or inline.</summary>
    /// <param name="bus">The bus.</param>
    /// <param name="handler">The handler's generic type definition; it has one type parameter and implements <see cref="IEventHandler{TEvent}"/> of it. Registered with the container as it is, unless the application did so itself.</param>
    /// <param name="configure">Configures all of its subscriptions alike; called at once. A name given with <c>Named</c> is followed by "/" and the event's name, as the handler's own is.</param>
    /// <remarks>It handles each event once, as the type that it is. Subscriptions to event types that the bus knows are there when it is built: those of other subscriptions and of <see cref="EventBusBuilder.AddEvent{TEvent}"/>.
    /// Any other comes with the first event of it that is published.</remarks>
    [RequiresUnreferencedCode(Untrimmed)]
    [RequiresDynamicCode(Dynamic)]
    public static EventBusBuilder AddOpenHandler(this EventBusBuilder bus, Type handler, Action<OpenSubscriptionBuilder>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(bus);
        ArgumentNullException.ThrowIfNull(handler);
        var builder = new OpenSubscriptionBuilder();
        configure?.Invoke(builder);
        var open = new OpenHandler(handler, builder);
        bus.Registrations.OpenHandlers.Add(open);
        bus.Container.Add(builder.Settings.Middleware);
        if (open.Mistake is null)
            bus.Container.AddOpen(handler, builder.Settings.Lifetime);
        return bus;
    }

    /// <summary>Subscribes every handler that is found in an assembly: every class, public or not, that is neither abstract nor generic and implements <see cref="IEventHandler{TEvent}"/>.</summary>
    /// <param name="bus">The bus.</param>
    /// <param name="assembly">The assembly.</param>
    /// <param name="filter">Takes only the classes that it holds for. Default: all.</param>
    /// <param name="configure">Configures the subscription of each; called at once, in their order.</param>
    /// <remarks>In the order of the classes' full names, then of the events', after what was registered before. A class that is registered for the same event by name as well, before or after, keeps that subscription alone. A class
    /// that takes a handler of an event that it handles in its constructor is a decorator, and is left out. To find nothing is a configuration error.</remarks>
    [RequiresUnreferencedCode(Untrimmed)]
    [RequiresDynamicCode(Dynamic)]
    public static EventBusBuilder AddHandlersFrom(this EventBusBuilder bus, Assembly assembly, Func<Type, bool>? filter = null, Action<FoundSubscriptionBuilder>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(bus);
        ArgumentNullException.ThrowIfNull(assembly);
        var found = HandlerScan.In(assembly, filter);
        if (found.Count == 0)
            bus.Registrations.Errors.Add(HandlerScan.NothingFound(assembly, isFiltered: filter is not null));
        foreach (var (handlerType, eventType) in found)
        {
            var builder = new FoundSubscriptionBuilder(handlerType, eventType);
            configure?.Invoke(builder);
            var plan = ReflectedPlan.Of(builder.Settings, handlerType, eventType);
            plan.IsFound = true;
            bus.Registrations.Add(plan);
            bus.Container.Add(builder.Settings.Middleware);
            bus.Container.AddFound(handlerType, builder.Settings.Lifetime);
        }

        return bus;
    }
}
