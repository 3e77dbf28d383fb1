using EventBus.Events;
using EventBus.Recording;
using EventBus.Storage;
using EventBus.Timing;
using Microsoft.Extensions.Logging;

namespace EventBus.DependencyInjection;

/// <summary>Builds what a bus needs to use its event log, or says what is wrong with that.</summary>
internal static class LogAssembly
{
    /// <summary>The log that was chosen, and whether the bus has to dispose it.</summary>
    public static (IEventLog? Log, bool IsOwn) Choose(Registrations registrations, IServiceProvider services, List<string> errors)
    {
        var choices = registrations.EventLogs;
        if (choices.Count == 0)
            return default;
        if (choices.Distinct().Skip(1).Any())
            errors.Add($"The bus was given {choices.Count} event logs. It can have one: keep the call that you mean.");
        var choice = choices[^1];
        if (choice.Instance is { } instance)
            return (instance, false);
        try
        {
            return (choice.Create!(services), true);
        }
        catch (Exception error)
        {
            errors.Add($"The event log could not be made: {error.Message}");
            return default;
        }
    }

    public static Recorder Build(Registrations registrations, IEventLog log, EventNames names, EventIdentity identity, Clock clock, DueTimer timer, WorkStarter starter, ILogger logger, List<string> errors)
    {
        var serializer = SerializerOf(registrations);
        var types = new EventTypeRegistry();
        foreach (var type in registrations.Plans.SelectMany(static plan => plan.EventTypes).Concat(registrations.EventTypes.Keys).Distinct().Where(CanBePublished))
        {
            if (types.Add(new(type, names.Of(type), names.VersionOf(type), names.AliasesOf(type))) is { } mistake)
                errors.Add(mistake);
        }

        foreach (var (type, traits) in registrations.EventTypes)
        {
            if (traits.IsLogged && CanBePublished(type) && !serializer.CanSerialize(type, out var reason))
                errors.Add($"Event type '{type.FullName}' is to be logged and cannot be stored: {reason}.");
        }

        return new Recorder(log, new RecordCodec(types, serializer, registrations.MaxEventBytes, identity, clock), registrations.DeduplicationWindow, clock, timer, starter, logger);
    }

    /// <summary>What a durable subscription needs of the bus.</summary>
    public static void Check(SubscriptionPlan plan, SubscriptionSettings settings, Registrations registrations, List<string> errors)
    {
        if (settings.Mode != SubscriptionMode.Durable)
            return;
        if (registrations.EventLogs.Count == 0)
            errors.Add(SettingsMistakes.DurableWithoutLog(settings));
        if (plan.KeyType is { } keyType && !KeyText.CanBeOf(keyType))
            errors.Add(SettingsMistakes.UnstorableKey(settings, keyType));
        if (registrations.DeadLetterStores.Count > 0)
            errors.Add(SettingsMistakes.DurableWithOtherDeadLetters(settings));
        var serializer = SerializerOf(registrations);
        foreach (var type in plan.EventTypes.Where(CanBePublished))
        {
            if (!serializer.CanSerialize(type, out var reason))
                errors.Add(SettingsMistakes.UnserializableEvent(settings, type, reason));
        }
    }

#pragma warning disable CA1859 // Where none was chosen it is this one.
    public static IEventSerializer SerializerOf(Registrations registrations) =>
        registrations.Serializers.Count > 0 ? registrations.Serializers[^1] : new JsonEventSerializer();
#pragma warning restore CA1859

    public static bool CanBePublished(Type type) => !type.IsInterface && !type.IsAbstract && type != typeof(object);
}
