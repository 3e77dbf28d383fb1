using EventBus.BehaviourTests.Support;
using Microsoft.Extensions.DependencyInjection;

namespace EventBus.BehaviourTests;

/// <summary>Which event an injected publisher names as the cause: the one that its scope handles, or none.</summary>
public sealed class ScopedPublisherTests
{
    private readonly Followers _followers = new();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_publisher_of_the_handlers_scope_names_the_event_that_is_handled_also_after_an_await(bool inline)
    {
        await using var provider = Build(bus => bus.AddHandler<Placed, Relay>(s => _ = inline ? s.Inline() : s));

        var cause = await PublishAsync(provider);

        Assert.Equal(["before", "after", "late"], _followers.Names);
        Assert.All(_followers.All, follower => Assert.Equal((cause, "visit"), (follower.CausationId, follower.CorrelationId)));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Each_of_two_deliveries_at_once_names_its_own_event(bool asksLate)
    {
        var both = new HeldHandler(2);
        await using var provider = Build(bus => bus.Handle<Placed, IServiceProvider>(
            async (_, scope, context, cancellationToken) =>
            {
                var early = scope.GetRequiredService<IEventPublisher>();
                await both.HoldAsync();
                var publisher = asksLate ? scope.GetRequiredService<IEventPublisher>() : early;
                await publisher.PublishAsync(new Followed(context.Id), cancellationToken);
            },
            s => s.Concurrency(2)));
        var bus = provider.GetRequiredService<IEventBus>();
        await bus.PublishManyAsync([new Placed(), new Placed()]);
        await both.Entered;

        both.Open();
        await bus.WhenSettled();

        Assert.Equal(2, _followers.Names.Distinct().Count());
        Assert.All(_followers.Names, name => Assert.Equal(name, _followers[name].CausationId));
    }

    [Fact]
    public async Task A_publisher_of_a_scope_that_the_handler_opened_itself_names_none()
    {
        await using var provider = Build(static bus => bus.Handle<Placed, IServiceProvider>(static async (_, scope, _, cancellationToken) =>
        {
            await using var nested = scope.CreateAsyncScope();
            await nested.ServiceProvider.GetRequiredService<IEventPublisher>().PublishAsync(new Followed("nested"), cancellationToken);
        }));

        await PublishAsync(provider);

        Assert.Null(_followers["nested"].CausationId);
        Assert.NotEqual("visit", _followers["nested"].CorrelationId);
    }

    [Fact]
    public async Task A_publisher_asked_for_after_another_handler_ran_within_the_own_one_names_the_own_event()
    {
        await using var provider = Build(static bus => bus
            .Handle<string, IServiceProvider>(static (_, _, _, _) => default, static s => s.Inline())
            .Handle<Placed, IServiceProvider>(static async (_, scope, context, cancellationToken) =>
            {
                await context.Publisher.PublishAsync("within", cancellationToken);
                await scope.GetRequiredService<IEventPublisher>().PublishAsync(new Followed("own"), cancellationToken);
            }));

        var cause = await PublishAsync(provider);

        Assert.Equal(cause, _followers["own"].CausationId);
    }

    [Fact]
    public async Task A_publisher_of_a_singleton_names_none_even_if_a_handler_was_the_first_to_ask_for_it()
    {
        await using var provider = Build(static bus => bus.Handle<Placed, Singleton>(
            static (_, singleton, _, cancellationToken) => singleton.Publisher.PublishAsync(new Followed("singleton"), cancellationToken)));

        await PublishAsync(provider);

        Assert.Null(_followers["singleton"].CausationId);
    }

    [Fact]
    public async Task A_singleton_handler_knows_the_cause_through_its_context_alone()
    {
        await using var provider = Build(static bus => bus.AddHandler<Placed, SingletonRelay>(static s => s.AsSingleton()));

        var cause = await PublishAsync(provider);

        Assert.Equal(cause, _followers["context"].CausationId);
        Assert.Null(_followers["injected"].CausationId);
    }

    [Fact]
    public async Task A_publisher_that_outlives_its_handler_names_the_event_of_then_and_never_the_next()
    {
        IEventPublisher? kept = null;
        await using var provider = Build(bus => bus.Handle<Placed, IEventPublisher>((_, publisher, _, _) =>
        {
            kept ??= publisher;
            return default;
        }));
        var cause = await PublishAsync(provider);
        await PublishAsync(provider);

        await kept!.PublishAsync(new Followed("kept"));
        await provider.GetRequiredService<IEventBus>().WhenSettled();

        Assert.Equal(cause, _followers["kept"].CausationId);
    }

    [Fact]
    public async Task What_the_publisher_says_about_the_cause_wins()
    {
        var options = new PublishOptions { CorrelationId = "mine", CausationId = "another" };
        await using var provider = Build(bus => bus.Handle<Placed, IEventPublisher>(
            (_, publisher, _, cancellationToken) => publisher.PublishAsync(new Followed("told"), options, cancellationToken)));

        await PublishAsync(provider);

        Assert.Equal(("another", "mine"), (_followers["told"].CausationId, _followers["told"].CorrelationId));
    }

    [Fact]
    public async Task Publishers_of_the_request_and_of_a_singleton_work_in_a_container_that_checks_scopes()
    {
        await using var provider = Build(static _ => { });

        await provider.GetRequiredService<Singleton>().Publisher.PublishAsync(new Followed("singleton"));
        await using (var request = provider.CreateAsyncScope())
            await request.ServiceProvider.GetRequiredService<IEventPublisher>().PublishAsync(new Followed("request"));
        await provider.GetRequiredService<IEventBus>().WhenSettled();

        Assert.Equal(["singleton", "request"], _followers.Names);
        Assert.All(_followers.All, static follower => Assert.Null(follower.CausationId));
    }

    /// <summary>Publishes an event of a conversation named "visit".</summary>
    /// <returns>The event's id.</returns>
    private static async Task<string> PublishAsync(ServiceProvider provider)
    {
        var id = Guid.NewGuid().ToString();
        var bus = provider.GetRequiredService<IEventBus>();
        await bus.PublishAsync(new Placed(), new PublishOptions { Id = id, CorrelationId = "visit" });
        await bus.WhenSettled();
        return id;
    }

    private ServiceProvider Build(Action<EventBusBuilder> configure) => new ServiceCollection()
        .AddSingleton<Singleton>()
        .AddEventBus(bus => bus.Handle<Followed>((followed, context, _) =>
        {
            _followers.Add(followed.Name, context.Capture());
            return default;
        }))
        .AddEventBus(configure)
        .BuildServiceProvider(new ServiceProviderOptions { ValidateScopes = true, ValidateOnBuild = true });

    private sealed record Placed;

    private sealed record Followed(string Name);

    private sealed class Followers
    {
        private readonly List<(string Name, EventMetadata Metadata)> _all = [];

        public IEnumerable<string> Names => _all.Select(static follower => follower.Name);

        public IEnumerable<EventMetadata> All => _all.Select(static follower => follower.Metadata);

        public EventMetadata this[string name] => _all.Single(follower => follower.Name == name).Metadata;

        public void Add(string name, EventMetadata metadata) => _all.Add((name, metadata));
    }

    private sealed class Relay(IEventPublisher publisher) : IEventHandler<Placed>
    {
        public async ValueTask HandleAsync(Placed @event, EventContext context, CancellationToken cancellationToken)
        {
            await publisher.PublishAsync(new Followed("before"), cancellationToken);
            await Task.Yield();
            await publisher.PublishAsync(new Followed("after"), cancellationToken);
            await context.Services.GetRequiredService<IEventPublisher>().PublishAsync(new Followed("late"), cancellationToken);
        }
    }

    private sealed class Singleton(IEventPublisher publisher)
    {
        public IEventPublisher Publisher => publisher;
    }

    private sealed class SingletonRelay(IEventPublisher publisher) : IEventHandler<Placed>
    {
        public async ValueTask HandleAsync(Placed @event, EventContext context, CancellationToken cancellationToken)
        {
            await context.Publisher.PublishAsync(new Followed("context"), cancellationToken);
            await publisher.PublishAsync(new Followed("injected"), cancellationToken);
        }
    }
}
