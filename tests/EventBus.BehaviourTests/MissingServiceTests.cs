using Microsoft.Extensions.DependencyInjection;

namespace EventBus.BehaviourTests;

/// <summary>What the container lacks is found when the bus is built, and not by the first event.</summary>
public sealed class MissingServiceTests
{
    private const string Place = "EventBus.BehaviourTests.MissingServiceTests";
    private const string NoMailer = $"'{Place}+Mailing' takes '{Place}+IMailer', which the container does not know. Register it, for example with services.AddScoped<IMailer>(...).";

    [Fact]
    public void A_service_that_a_handler_takes() =>
        AssertMissing(static bus => bus.AddHandler<string, Mailing>(), $"Subscription '{Place}+Mailing' takes '{Place}+Mailing', which cannot be made: {NoMailer}");

    [Fact]
    public void A_service_that_a_lambda_takes() => AssertMissing(
        static bus => bus.Handle<string, IMailer>(static (_, _, _, _) => default, static s => s.Named("mail")),
        $"Subscription 'mail' takes '{Place}+IMailer' from the container, which does not know it. Register it, for example with services.AddScoped<IMailer>(...).");

    [Fact]
    public void A_service_that_what_a_lambda_takes_takes() => AssertMissing(
        static bus => bus.Handle<string, Deep>(static (_, _, _, _) => default, static s => s.Named("mail")),
        static services => services.AddScoped<Deep>().AddScoped<Mailing>(),
        $"Subscription 'mail' takes '{Place}+Deep', which cannot be made: '{Place}+Deep' takes '{Place}+Mailing': {NoMailer}");

    [Fact]
    public void All_of_several_together_and_with_other_mistakes() => AssertMissing(
        static bus => bus
            .AddHandler<string, Mailing>(static s => s.Named("a"))
            .AddHandler<string, Two>(static s => s.Named("b"))
            .Handle<string>(static (_, _, _) => default, static s => s.Named("c").Concurrency(0)),
        $"Subscription 'a' takes '{Place}+Mailing', which cannot be made: {NoMailer}",
        $"Subscription 'b' takes '{Place}+Two', which cannot be made: '{Place}+Two' takes '{Place}+IMailer', which the container does not know. Register it, for example with services.AddScoped<IMailer>(...).",
        $"Subscription 'b' takes '{Place}+Two', which cannot be made: '{Place}+Two' takes '{Place}+IStore<System.String>', which the container does not know. Register it, for example with services.AddScoped<IStore<String>>(...).",
        "Concurrency");

    [Fact]
    public void A_keyed_service_under_another_key() => AssertMissing(
        static bus => bus.AddHandler<string, Keyed>(static s => s.Named("a")),
        static services => services.AddKeyedScoped<IMailer, Mailer>("post"),
        $"Subscription 'a' takes '{Place}+Keyed', which cannot be made: '{Place}+Keyed' takes '{Place}+IMailer' with the key \"smtp\", which the container does not know. Register it, for example with services.AddKeyedScoped<IMailer>(...).");

    [Fact]
    public void A_class_without_a_public_constructor() => AssertMissing(
        static bus => bus.AddHandler<string, Unmakeable>(static s => s.Named("a")),
        $"Subscription 'a' takes '{Place}+Unmakeable', which cannot be made: '{Place}+Unmakeable' has no public constructor, so that the container cannot make it. Give it one, or register it with a factory.");

    [Fact]
    public void A_service_of_the_class_behind_an_open_one() => AssertMissing(
        static bus => bus.AddHandler<string, Two>(static s => s.Named("a")),
        static services => services.AddScoped<IMailer, Mailer>().AddScoped(typeof(IStore<>), typeof(Store<>)),
        $"Subscription 'a' takes '{Place}+Two', which cannot be made: '{Place}+Two' takes '{Place}+IStore<System.String>': '{Place}+Store<System.String>' takes '{Place}+IDisk', which the container does not know. Register it, for example with services.AddScoped<IDisk>(...).");

    [Fact]
    public void A_service_of_an_open_handler() => AssertMissing(
        static bus => bus.AddOpenHandler(typeof(Audit<>), static s => s.Named("audit")),
        $"Open handler 'audit' cannot be made: '{Place}+Audit<TEvent>' takes '{Place}+IMailer', which the container does not know. Register it, for example with services.AddScoped<IMailer>(...).");

    [Fact]
    public void A_service_of_middleware_and_of_an_enricher() => AssertMissing(
        static bus => bus.AddMiddleware<Watching>().AddEnricher<Stamping>(),
        $"The bus takes '{Place}+Stamping', which cannot be made: '{Place}+Stamping' takes '{Place}+IMailer', which the container does not know. Register it, for example with services.AddScoped<IMailer>(...).",
        $"A middleware takes '{Place}+Watching', which cannot be made: '{Place}+Watching' takes '{Place}+IMailer', which the container does not know. Register it, for example with services.AddScoped<IMailer>(...).");

    [Fact]
    public void A_bus_under_a_key_that_there_is_not() => AssertMissing(
        static bus => bus.AddHandler<string, ToAnotherBus>(static s => s.Named("a")),
        static services => services.AddEventBus("orders"),
        $"Subscription 'a' takes '{Place}+ToAnotherBus', which cannot be made: '{Place}+ToAnotherBus' takes 'EventBus.IEventPublisher' with the key \"order\". There is no event bus with the key \"order\", but with the key \"orders\", and one without a key.");

    [Theory]
    [InlineData("registered")]
    [InlineData("factory")]
    [InlineData("instance")]
    public void Nothing_where_the_container_can_make_it(string how)
    {
        Action<IServiceCollection> register = how switch
        {
            "registered" => static services => services.AddScoped<IMailer, Mailer>(),
            "factory" => static services => services.AddScoped(static _ => new Mailing(new Mailer())),
            _ => static services => services.AddSingleton(new Mailing(new Mailer())),
        };

        AssertMissing(static bus => bus.AddHandler<string, Mailing>(), register);
    }

    [Fact]
    public void Nothing_of_what_is_optional_or_always_there()
    {
        AssertMissing(static bus => bus
            .AddHandler<string, Optional>()
            .AddHandler<string, Choosing>()
            .AddHandler<string, AlwaysThere>()
            .Handle<string, IServiceProvider>(static (_, _, _, _) => default)
            .Handle<string, IEnumerable<IMailer>>(static (_, _, _, _) => default));
    }

    [Fact]
    public void Nothing_in_a_container_that_does_not_say_what_it_knows()
    {
        var services = new ServiceCollection();
        services.AddEventBus(static bus => bus.AddHandler<string, Mailing>().Handle<string, IMailer>(static (_, _, _, _) => default));
        using var provider = services.BuildServiceProvider();

        using var bus = services.Select(static service => service.ImplementationInstance).OfType<EventBusBuilder>().Single().Build(new Silent(provider), null);

        Assert.Equal(2, bus.Subscriptions.Count);
    }

    [Fact]
    public async Task A_handler_that_is_closed_for_a_new_event_while_the_bus_runs_fails_alone()
    {
        var services = new ServiceCollection();
        services.AddEventBus(static bus => bus.AddOpenHandler(typeof(PerEvent<>), static s => s.Retry(RetryPolicy.None)));
        await using var provider = services.BuildServiceProvider();
        var bus = provider.GetRequiredService<IEventBus>();

        await bus.PublishAsync("fact");
        await bus.StopAsync();

        Assert.Contains("IStore", Assert.Single(await bus.DeadLetters.ListAsync()).Description, StringComparison.Ordinal);
    }

    private static void AssertMissing(Action<EventBusBuilder> configure, params string[] errors) => AssertMissing(configure, static _ => { }, errors);

    private static void AssertMissing(Action<EventBusBuilder> configure, Action<IServiceCollection> register, params string[] errors)
    {
        var services = new ServiceCollection();
        register(services);
        services.AddEventBus(configure);
        using var provider = services.BuildServiceProvider();

        if (errors.Length == 0)
        {
            Assert.NotEmpty(provider.GetRequiredService<IEventBus>().Subscriptions);
            return;
        }

        var found = Assert.Throws<EventBusConfigurationException>(provider.GetRequiredService<IEventBus>).Errors;
        Assert.Equal(errors.Length, found.Count);
        Assert.All(errors, error => Assert.Contains(found, one => one.Contains(error, StringComparison.Ordinal)));
    }

    internal interface IMailer;

    internal interface IDisk;

    internal interface IStore<T>;

    internal sealed class Mailer : IMailer;

    internal sealed class Store<T>(IDisk disk) : IStore<T>
    {
        public IDisk Disk => disk;
    }

    internal sealed class Deep(Mailing mailing)
    {
        public Mailing Mailing => mailing;
    }

    internal abstract class Handler : IEventHandler<string>
    {
        public ValueTask HandleAsync(string @event, EventContext context, CancellationToken cancellationToken) => default;
    }

#pragma warning disable CS9113 // What is taken is all that matters.
    internal sealed class Mailing(IMailer mailer) : Handler;

    internal sealed class Two(IMailer mailer, IStore<string> store) : Handler;

    internal sealed class Keyed([FromKeyedServices("smtp")] IMailer mailer) : Handler;

    internal sealed class ToAnotherBus([FromKeyedServices("order")] IEventPublisher publisher) : Handler;

    internal sealed class Optional(IMailer? mailer = null, int number = 3) : Handler;

    internal sealed class AlwaysThere(IServiceProvider services, IServiceScopeFactory scopes, IEventBus bus, IEventPublisher publisher, IEnumerable<IMailer> mailers) : Handler;

    internal sealed class Audit<TEvent>(IMailer mailer) : IEventHandler<TEvent>
        where TEvent : notnull
    {
        public ValueTask HandleAsync(TEvent @event, EventContext context, CancellationToken cancellationToken) => default;
    }

    internal sealed class PerEvent<TEvent>(IStore<TEvent> store) : IEventHandler<TEvent>
        where TEvent : notnull
    {
        public ValueTask HandleAsync(TEvent @event, EventContext context, CancellationToken cancellationToken) => default;
    }

    internal sealed class Watching(IMailer mailer) : IEventMiddleware
    {
        public ValueTask HandleAsync<TEvent>(TEvent @event, EventContext context, IEventHandler<TEvent> next, CancellationToken cancellationToken)
            where TEvent : notnull => next.HandleAsync(@event, context, cancellationToken);
    }

    internal sealed class Stamping(IMailer mailer) : IEventEnricher
    {
        public ValueTask EnrichAsync(object @event, EventEnrichment attributes, CancellationToken cancellationToken) => default;
    }
#pragma warning restore CS9113

    internal sealed class Unmakeable : Handler
    {
        private Unmakeable()
        {
        }
    }

    internal sealed class Choosing : Handler
    {
        public Choosing(IMailer mailer) => _ = mailer;

        public Choosing()
        {
        }
    }

    /// <summary>A container that makes what it is asked for and does not say what that is.</summary>
    private sealed class Silent(IServiceProvider inner) : IServiceProvider
    {
        public object? GetService(Type serviceType) => serviceType == typeof(IServiceProviderIsService) || serviceType == typeof(IServiceProviderIsKeyedService) ? null : inner.GetService(serviceType);
    }
}
