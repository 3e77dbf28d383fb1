using EventBus;
using EventBus.DependencyInjection;
using EventBus.Handling;
using EventBus.Lifecycle;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Registers the event bus with a container.</summary>
public static class EventBusServiceCollectionExtensions
{
    /// <summary>Registers the bus, <see cref="IEventBus"/> (singleton) and <see cref="IEventPublisher"/> (transient), or adds to it: every module may call this.</summary>
    /// <param name="services">The container's services.</param>
    /// <param name="configure">Registers handlers; called at once, so handlers keep the order of the calls.</param>
    /// <returns>The services, for chaining.</returns>
    /// <remarks>The bus is built when it is first asked for; what is wrong with its configuration is thrown then, all at once, as an
    /// <see cref="EventBusConfigurationException"/>. It starts with the first publish, or with <see cref="IEventBus.StartAsync"/>.</remarks>
    public static IServiceCollection AddEventBus(this IServiceCollection services, Action<EventBusBuilder>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        var builder = BuilderIn(services, null);
        if (builder is null)
        {
            builder = new EventBusBuilder(services);
            MissingBus.Remove(services);
            services.AddSingleton(builder);
            services.AddSingleton(static provider => provider.GetRequiredService<EventBusBuilder>().Build(provider, null));
            services.AddTransient(static provider => PublisherOf(provider.GetRequiredService<IEventBus>(), provider));
            services.TryAddScoped<ScopeServices>();
            MissingBus.Add(services);
            BuilderAddition.Apply(services, null, builder);
        }

        configure?.Invoke(builder);
        return services;
    }

    /// <summary>Registers one of several buses, or adds to it: a keyed <see cref="IEventBus"/> (singleton) and <see cref="IEventPublisher"/> (transient), to be asked for with
    /// <c>[FromKeyedServices(key)]</c>. It is a bus of its own, with its own queues, names and event log. In metrics and traces it is called by its key, where that can be
    /// a name; see <see cref="EventBusBuilder.Named"/>.</summary>
    /// <param name="services">The container's services.</param>
    /// <param name="key">The key.</param>
    /// <param name="configure">Registers handlers; called at once, so handlers keep the order of the calls.</param>
    /// <returns>The services, for chaining.</returns>
    /// <remarks>What a handler of one bus publishes through its scope's publisher of another has the handled event as its cause. Whoever asks for a bus that is not there, without a key or with a wrong one, gets an <see cref="EventBusConfigurationException"/> that names the keys that there are.</remarks>
    public static IServiceCollection AddEventBus(this IServiceCollection services, string key, Action<EventBusBuilder>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(key);
        var builder = BuilderIn(services, key);
        if (builder is null)
        {
            builder = new EventBusBuilder(services);
            if (SettingsRules.HasNamePattern(key))
                builder.Named(key);
            services.AddKeyedSingleton(key, builder);
            services.AddKeyedSingleton(key, static (provider, key) => provider.GetRequiredKeyedService<EventBusBuilder>(key).Build(provider, (string?)key));
            services.AddKeyedTransient(key, static (provider, key) => PublisherOf(provider.GetRequiredKeyedService<IEventBus>(key), provider));
            services.TryAddScoped<ScopeServices>();
            services.TryAddSingleton<RunningScopes>();
            MissingBus.Add(services);
            BuilderAddition.Apply(services, key, builder);
        }

        configure?.Invoke(builder);
        return services;
    }

    /// <summary>Adds to the bus without a key when <c>AddEventBus</c> registers it, before or after this call, and registers none: for packages and modules that add to a bus of the application.</summary>
    /// <param name="services">The container's services.</param>
    /// <param name="configure">Adds to the bus; called at once where it is registered, else when it is, and not at all where it never is.</param>
    /// <returns>The services, for chaining.</returns>
    public static IServiceCollection ConfigureEventBus(this IServiceCollection services, Action<EventBusBuilder> configure)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(configure);
        return Configure(services, null, configure);
    }

    /// <summary>As <see cref="ConfigureEventBus(IServiceCollection, Action{EventBusBuilder})"/>, for one of several buses.</summary>
    /// <param name="services">The container's services.</param>
    /// <param name="key">The key of the bus.</param>
    /// <param name="configure">Adds to the bus; called at once where it is registered, else when it is, and not at all where it never is.</param>
    /// <returns>The services, for chaining.</returns>
    public static IServiceCollection ConfigureEventBus(this IServiceCollection services, string key, Action<EventBusBuilder> configure)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(key);
        ArgumentNullException.ThrowIfNull(configure);
        return Configure(services, key, configure);
    }

    private static IServiceCollection Configure(IServiceCollection services, string? key, Action<EventBusBuilder> configure)
    {
        // Where the bus never comes, what asks for it is told so.
        MissingBus.Add(services);
        if (BuilderIn(services, key) is { } builder)
            configure(builder);
        else
            BuilderAddition.Keep(services, key, configure);
        return services;
    }

    private static IEventPublisher PublisherOf(IEventBus bus, IServiceProvider provider) => bus is Bus own
        ? own.PublisherIn(provider)
        : throw new InvalidOperationException("IEventBus was replaced, and only the bus's own knows the publisher of a scope. Register an IEventPublisher beside it, for example with services.AddSingleton<IEventPublisher>(...).");

    private static EventBusBuilder? BuilderIn(IServiceCollection services, string? key)
    {
        for (var i = 0; i < services.Count; i++)
        {
            var service = services[i];
            if (service.ServiceType == typeof(EventBusBuilder) && service.IsKeyedService == (key is not null) && service.ServiceKey as string == key)
                return (service.IsKeyedService ? service.KeyedImplementationInstance : service.ImplementationInstance) as EventBusBuilder;
        }

        return null;
    }
}
