using System.Diagnostics.CodeAnalysis;
using EventBus.Events;

namespace EventBus.DependencyInjection;

/// <summary>An open generic handler, to be closed for each event type.</summary>
internal sealed class OpenHandler
{
    private readonly OpenSubscriptionBuilder _template;
    private readonly Func<Type, SubscriptionSettings, SubscriptionPlan?> _close;
    private readonly string _name;

    [RequiresUnreferencedCode("Looks at the handler's interfaces and makes types of it.")]
    [RequiresDynamicCode("Makes types at run time.")]
    public OpenHandler(Type definition, OpenSubscriptionBuilder template)
    {
        _template = template;
        _name = template.Settings.GivenName ?? CodeNames.Bare(definition);
        Definition = definition;
        Mistake = MistakeOf(definition);
        _close = (eventType, settings) => Closed(definition, eventType) is { } handlerType ? ReflectedPlan.Of(settings, handlerType, eventType) : null;
    }

    /// <summary>The open generic class.</summary>
    public Type Definition { get; }

    /// <summary>What keeps the type from being an open handler.</summary>
    public string? Mistake { get; }

    /// <summary>The settings that all of its subscriptions begin with.</summary>
    public SubscriptionSettings Template
    {
        get
        {
            var settings = _template.Settings.Copy();
            settings.Name = _name;
            return settings;
        }
    }

    public string DurableMistake =>
        $"Open handler '{_name}' is durable, and some of its subscriptions only come with the events that are published; where a durable one begins is decided when the bus starts. Drop .Durable(), or register the handler for each event with AddHandler.";

    /// <returns>The subscription to an event type; none if it is not for that.</returns>
    public SubscriptionPlan? Close(Type eventType, EventNames names)
    {
        if (_template.Wanted?.Invoke(eventType) == false)
            return null;
        if (_close(eventType, _template.Settings.Copy()) is not { } plan)
            return null;
        // By the event's whole name: what comes while the bus runs must not find its name taken.
        plan.FixedName = $"{_name}/{SubscriptionNames.EventName(eventType, names)}";
        plan.IsOfOneType = true;
        return plan;
    }

    [RequiresUnreferencedCode("Makes a type.")]
    [RequiresDynamicCode("Makes a type.")]
    private static Type? Closed(Type definition, Type eventType)
    {
        try
        {
            return definition.MakeGenericType(eventType);
        }
        catch (ArgumentException)
        {
            // Its constraints do not allow the event: that is how a handler says what it is for.
            return null;
        }
    }

    [RequiresUnreferencedCode("Looks at a type's interfaces.")]
    private static string? MistakeOf(Type type)
    {
        const string remedy = "Give one such as typeof(AuditEverything<>), where 'class AuditEverything<TEvent> : IEventHandler<TEvent>'";
        if (!type.IsGenericTypeDefinition)
            return $"AddOpenHandler was given '{type.FullName ?? type.Name}', which is no open generic type. {remedy}; a handler of certain events is registered with AddHandler.";
        if (!type.IsClass || type.IsAbstract)
            return $"AddOpenHandler was given '{type.FullName}', which is no class, or an abstract one, so that nobody can make it. {remedy}.";
        var parameters = type.GetGenericArguments();
        if (parameters.Length != 1)
            return $"AddOpenHandler was given '{type.FullName}', which has {parameters.Length} type parameters, and there is one event type to close it with. {remedy}.";
        return Array.Exists(type.GetInterfaces(), face => face.IsGenericType && face.GetGenericTypeDefinition() == typeof(IEventHandler<>) && face.GetGenericArguments()[0] == parameters[0])
            ? null
            : $"AddOpenHandler was given '{type.FullName}', which does not implement IEventHandler<{parameters[0].Name}> of its own type parameter. {remedy}.";
    }
}
