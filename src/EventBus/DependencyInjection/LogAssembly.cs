using EventBus.Events;
using EventBus.Lifecycle;
using EventBus.Observing;
using EventBus.Recording;
using EventBus.Routing;
using EventBus.Settling;
using EventBus.Storage;
using EventBus.Timing;
using Microsoft.Extensions.Logging;

namespace EventBus.DependencyInjection;

/// <summary>An event log that was chosen, and what a bus that has one is built from; or what is wrong with that.</summary>
/// <remarks>Only <c>UseEventLog</c> makes one, and the log, durable subscriptions and the serializer are reached through its methods alone: a trimmed program that chooses no log has no code of them.</remarks>
/// <param name="Instance">The log, or none where the bus makes and disposes it.</param>
/// <param name="Create">Makes it.</param>
internal sealed record LogAssembly(IEventLog? Instance, Func<IServiceProvider, IEventLog>? Create)
{
    /// <returns>Nothing where the log could not be made; then there is an error.</returns>
    public LogParts? Build(Registrations registrations, IServiceProvider services, EventNames names, EventIdentity identity, Clock clock, DueTimer timer, WorkStarter starter, ILogger logger, List<string> errors)
    {
        IEventLog log;
        try
        {
            log = Instance ?? Create!(services);
        }
        catch (Exception error)
        {
            errors.Add($"The event log could not be made: {ExceptionText.MessageOf(error)}");
            return null;
        }

        var serializer = SerializerOf(registrations);
        CheckLogged(registrations, names, serializer, errors);
        var codec = new RecordCodec(Types(registrations, names, errors), serializer, registrations.MaxEventBytes, identity, clock);
        var recorder = new Recorder(log, codec, registrations.DeduplicationWindow, clock, timer, starter, logger);
        return new LogParts(recorder, Instance is null ? log : null, clock, timer, starter, logger);
    }

#pragma warning disable CA1822 // An instance's, because trimming keeps them only where an instance is made.
    public Subscription BuildDurable(SubscriptionPlan plan, SubscriptionSettings settings, SubscriptionCounters counters, SubscriptionParts parts, Bus bus) =>
        plan.BuildDurable(settings, counters, parts, bus);

    /// <summary>Whether the events of a durable subscription can be stored, and come back: all that the bus knows, where it asked for a base type.</summary>
    public void Check(SubscriptionPlan plan, SubscriptionSettings settings, Registrations registrations, EventNames names, List<string> errors)
    {
        var serializer = SerializerOf(registrations);
        foreach (var type in Known(registrations).Concat(plan.EventTypes.Where(CanBePublished)).Distinct().Where(type => Array.Exists(plan.EventTypes, wanted => wanted.IsAssignableFrom(type))))
        {
            if (!serializer.CanSerialize(type, out var reason))
                errors.Add(SettingsMistakes.UnserializableEvent(settings, type, reason));
            else if (!names.StoresPart(type) && !serializer.KeepsAll(type, out reason))
                errors.Add(SettingsMistakes.LossyEvent(settings, type, reason));
        }
    }
#pragma warning restore CA1822

#pragma warning disable CA1859 // Where none was chosen it is this one.
    public static IEventSerializer SerializerOf(Registrations registrations) =>
        registrations.Serializers.Count > 0 ? registrations.Serializers[^1] : JsonEventSerializer.ByReflection;
#pragma warning restore CA1859

    public static bool CanBePublished(Type type) => !type.IsInterface && !type.IsAbstract && type != typeof(object);

    private static EventTypeRegistry Types(Registrations registrations, EventNames names, List<string> errors)
    {
        var types = new EventTypeRegistry();
        foreach (var type in Known(registrations))
        {
            if (types.Add(new(type, names.Of(type), names.VersionOf(type), names.AliasesOf(type)) { StoresPart = names.StoresPart(type) }) is { } mistake)
                errors.Add(mistake);
        }

        return types;
    }

    // The types that can be stored at all.
    private static IEnumerable<Type> Known(Registrations registrations) =>
        registrations.Plans.SelectMany(static plan => plan.EventTypes).Concat(registrations.EventTypes.Keys).Distinct().Where(CanBePublished);

    private static void CheckLogged(Registrations registrations, EventNames names, IEventSerializer serializer, List<string> errors)
    {
        foreach (var type in Known(registrations).Where(names.IsLogged))
        {
            if (!serializer.CanSerialize(type, out var reason))
                errors.Add($"Event type '{type.FullName}' is to be logged and cannot be stored: {reason}.");
            else if (!names.StoresPart(type) && !serializer.KeepsAll(type, out reason))
                errors.Add($"Event type '{type.FullName}' is to be logged and would not come back as it was published: {reason}. Where that is meant, say so with AddEvent<{type.Name}>(e => e.StoresPart()).");
        }
    }
}
