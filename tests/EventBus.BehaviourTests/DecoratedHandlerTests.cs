using EventBus.BehaviourTests.Support;
using Microsoft.Extensions.DependencyInjection;

namespace EventBus.BehaviourTests;

/// <summary>Handlers as the container has them: registered by the application, decorated, as interfaces.</summary>
public sealed class DecoratedHandlerTests
{
    private readonly List<string> _calls = [];

    [Theory]
    [InlineData(ServiceLifetime.Scoped, 2)]
    [InlineData(ServiceLifetime.Singleton, 1)]
    public async Task A_handler_that_is_asked_for_by_its_interface_comes_as_the_application_registered_and_decorated_it(ServiceLifetime lifetime, int made)
    {
        var services = Services();
        services.Add(ServiceDescriptor.Describe(typeof(IEventHandler<Placed>), typeof(Reserve), lifetime));
        services.Decorate<IEventHandler<Placed>, Timed>();
        services.AddEventBus(static bus => bus.AddHandler<Placed, IEventHandler<Placed>>());
        await using var provider = services.BuildServiceProvider(new ServiceProviderOptions { ValidateScopes = true, ValidateOnBuild = true });
        var bus = provider.GetRequiredService<IEventBus>();

        await bus.PublishManyAsync([new Placed(), new Placed()]);
        await bus.WhenSettled();

        Assert.Equal(["begun", "reserved", "ended", "begun", "reserved", "ended"], _calls.Where(static call => call != "made"));
        Assert.Equal(made, _calls.Count(static call => call == "made"));
        Assert.Equal($"EventBus.IEventHandler<{typeof(Placed).FullName}>", Assert.Single(bus.Subscriptions).Name);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_class_that_is_decorated_itself_comes_decorated(bool before)
    {
        var services = Services();
        if (before)
            services.AddScoped<Receipt>();
        services.AddEventBus(static bus => bus.AddHandler<Placed, Receipt>());
        services.Decorate<Receipt>((inner, provider) => new Stamped(inner, _calls));
        await using var provider = services.BuildServiceProvider(new ServiceProviderOptions { ValidateScopes = true, ValidateOnBuild = true });
        var bus = provider.GetRequiredService<IEventBus>();

        await bus.PublishAsync(new Placed());
        await bus.WhenSettled();

        Assert.Equal(["stamped", "sent"], _calls);
    }

    [Fact]
    public void An_interface_that_nobody_registered_is_a_mistake()
    {
        using var provider = Services().AddEventBus(static bus => bus.AddHandler<Placed, IEventHandler<Placed>>(static s => s.Named("places"))).BuildServiceProvider();

        var error = Assert.Throws<EventBusConfigurationException>(provider.GetRequiredService<IEventBus>);

        Assert.StartsWith("Subscription 'places' takes its handler from the container as 'EventBus.IEventHandler<", Assert.Single(error.Errors), StringComparison.Ordinal);
        Assert.EndsWith("for example with services.AddScoped(typeof(IEventHandler<Placed>), typeof(TheHandler)).", error.Errors[0], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_factory_of_the_application_s_own_makes_the_handler()
    {
        await using var provider = Services()
            .AddScoped(_ => new Receipt(_calls) { Text = "from the factory" })
            .AddEventBus(static bus => bus.AddHandler<Placed, Receipt>(static s => s.Inline()))
            .BuildServiceProvider(validateScopes: true);

        await provider.GetRequiredService<IEventBus>().PublishAsync(new Placed());

        Assert.Equal(["from the factory"], _calls);
    }

    private IServiceCollection Services() => new ServiceCollection().AddSingleton(_calls);

    private sealed record Placed;

    private sealed class Reserve : IEventHandler<Placed>
    {
        private readonly List<string> _calls;

        public Reserve(List<string> calls)
        {
            _calls = calls;
            calls.Add("made");
        }

        public ValueTask HandleAsync(Placed @event, EventContext context, CancellationToken cancellationToken)
        {
            _calls.Add("reserved");
            return default;
        }
    }

    private sealed class Timed(IEventHandler<Placed> inner, List<string> calls) : IEventHandler<Placed>
    {
        public async ValueTask HandleAsync(Placed @event, EventContext context, CancellationToken cancellationToken)
        {
            calls.Add("begun");
            await inner.HandleAsync(@event, context, cancellationToken);
            calls.Add("ended");
        }
    }

    private class Receipt(List<string> calls) : IEventHandler<Placed>
    {
        public string Text { get; init; } = "sent";

        public virtual ValueTask HandleAsync(Placed @event, EventContext context, CancellationToken cancellationToken)
        {
            calls.Add(Text);
            return default;
        }
    }

    private sealed class Stamped(Receipt inner, List<string> calls) : Receipt(calls)
    {
        private readonly List<string> _stamps = calls;

        public override ValueTask HandleAsync(Placed @event, EventContext context, CancellationToken cancellationToken)
        {
            _stamps.Add("stamped");
            return inner.HandleAsync(@event, context, cancellationToken);
        }
    }
}
