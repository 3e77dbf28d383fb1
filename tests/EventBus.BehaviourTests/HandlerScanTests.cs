using System.Reflection;
using EventBus.BehaviourTests.Support;
using Microsoft.Extensions.DependencyInjection;

namespace EventBus.BehaviourTests;

/// <summary>Handlers that are found in an assembly.</summary>
public sealed class HandlerScanTests
{
    private static readonly Assembly s_here = typeof(HandlerScanTests).Assembly;

    [Fact]
    public async Task Every_handler_of_the_assembly_is_subscribed_in_the_order_of_the_names()
    {
        await using var provider = Build(static bus => bus.AddHandlersFrom(s_here, IsMine));
        var bus = provider.GetRequiredService<IEventBus>();

        await bus.PublishAsync(new Placed());
        await bus.PublishAsync(new Cancelled());
        await bus.WhenSettled();

        Assert.Equal([Name("Alpha"), $"{Name("Both")}/{Name("Cancelled")}", $"{Name("Both")}/{Name("Placed")}"], bus.Subscriptions.Select(static subscription => subscription.Name));
        Assert.Equal(["Alpha Placed", "Both Cancelled", "Both Placed"], provider.GetRequiredService<Journal>().Lines.Order());
    }

    [Fact]
    public async Task Each_may_be_configured_by_what_it_is()
    {
        await using var provider = Build(static bus => bus.AddHandlersFrom(s_here, IsMine, static s => _ = s.HandlerType == typeof(Both)
            ? s.Named($"both-{s.EventType.Name}").Inline()
            : s.AsSingleton().Concurrency(2)));
        var bus = provider.GetRequiredService<IEventBus>();

        Assert.Equal([Name("Alpha"), "both-Cancelled", "both-Placed"], bus.Subscriptions.Select(static subscription => subscription.Name));
        Assert.Equal([DeliveryMode.Queued, DeliveryMode.Inline, DeliveryMode.Inline], bus.Subscriptions.Select(static subscription => subscription.Mode));
        Assert.Same(provider.GetRequiredService<Alpha>(), provider.GetRequiredService<Alpha>());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_is_registered_by_name_before_or_after_goes_before_what_is_found(bool before)
    {
        await using var provider = Build(bus =>
        {
            if (before)
                bus.AddHandler<Placed, Both>(static s => s.Named("mine").AsSingleton());
            bus.AddHandlersFrom(s_here, IsMine).AddHandlersFrom(s_here, IsMine);
            if (!before)
                bus.AddHandler<Placed, Both>(static s => s.Named("mine").AsSingleton());
        });
        var bus = provider.GetRequiredService<IEventBus>();

        await bus.PublishAsync(new Placed());
        await bus.WhenSettled();

        Assert.Equal([Name("Alpha"), Name("Both"), "mine"], bus.Subscriptions.Select(static subscription => subscription.Name).Order());
        Assert.Equal(["Alpha Placed", "Both Placed"], provider.GetRequiredService<Journal>().Lines.Order());
        Assert.Same(provider.GetRequiredService<Both>(), provider.GetRequiredService<Both>());
    }

    [Fact]
    public async Task A_subscription_of_several_events_that_is_registered_by_name_keeps_its_events_alone()
    {
        await using var provider = Build(static bus => bus
            .AddHandlersFrom(s_here, static type => type == typeof(Both))
            .AddSubscription<Both>("both", static s => s.On<Placed>().On<Cancelled>()));

        Assert.Equal(["both"], provider.GetRequiredService<IEventBus>().Subscriptions.Select(static subscription => subscription.Name));
    }

    [Fact]
    public async Task A_lifetime_that_the_application_said_stays()
    {
        await using var provider = Build(static bus => bus.AddHandlersFrom(s_here, IsMine), static services => services.AddSingleton<Alpha>());

        _ = provider.GetRequiredService<IEventBus>();

        Assert.Same(provider.GetRequiredService<Alpha>(), provider.GetRequiredService<Alpha>());
    }

    [Theory]
    [InlineData(false, "in assembly 'System.Private.CoreLib'. A handler is a class")]
    [InlineData(true, "in assembly 'EventBus.BehaviourTests' that its filter lets through.")]
    public void To_find_nothing_is_a_mistake(bool here, string where)
    {
        using var provider = Build(bus => _ = here ? bus.AddHandlersFrom(s_here, static _ => false) : bus.AddHandlersFrom(typeof(string).Assembly));

        var error = Assert.Throws<EventBusConfigurationException>(provider.GetRequiredService<IEventBus>);

        Assert.Contains($"AddHandlersFrom found no handler {where}", Assert.Single(error.Errors), StringComparison.Ordinal);
    }

    private static bool IsMine(Type type) => type.DeclaringType == typeof(HandlerScanTests);

    private static string Name(string handler) => $"{typeof(HandlerScanTests).FullName}+{handler}";

    private static ServiceProvider Build(Action<EventBusBuilder> configure, Action<IServiceCollection>? register = null)
    {
        var services = new ServiceCollection().AddSingleton<Journal>();
        register?.Invoke(services);
        return services.AddEventBus(configure).BuildServiceProvider(new ServiceProviderOptions { ValidateScopes = true, ValidateOnBuild = true });
    }

    private sealed record Placed;

    private sealed record Cancelled;

    private sealed class Journal
    {
        public List<string> Lines { get; } = [];

        public ValueTask Add(string line)
        {
            lock (Lines)
                Lines.Add(line);
            return default;
        }
    }

    private sealed class Both(Journal journal) : IEventHandler<Placed>, IEventHandler<Cancelled>
    {
        public ValueTask HandleAsync(Placed @event, EventContext context, CancellationToken cancellationToken) => journal.Add("Both Placed");

        public ValueTask HandleAsync(Cancelled @event, EventContext context, CancellationToken cancellationToken) => journal.Add("Both Cancelled");
    }

    private sealed class Alpha(Journal journal) : IEventHandler<Placed>
    {
        public ValueTask HandleAsync(Placed @event, EventContext context, CancellationToken cancellationToken) => journal.Add("Alpha Placed");
    }

    private abstract class Template : IEventHandler<Placed>
    {
        public abstract ValueTask HandleAsync(Placed @event, EventContext context, CancellationToken cancellationToken);
    }

    private sealed class Open<TEvent> : IEventHandler<TEvent>
        where TEvent : notnull
    {
        public ValueTask HandleAsync(TEvent @event, EventContext context, CancellationToken cancellationToken) => throw new InvalidOperationException("This handler is open.");
    }

    private sealed class Decorator(IEventHandler<Placed> inner) : IEventHandler<Placed>
    {
        public ValueTask HandleAsync(Placed @event, EventContext context, CancellationToken cancellationToken) => inner.HandleAsync(@event, context, cancellationToken);
    }
}
