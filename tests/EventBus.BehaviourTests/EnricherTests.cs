using EventBus.BehaviourTests.Support;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace EventBus.BehaviourTests;

/// <summary>What gives events attributes when they are published.</summary>
public sealed class EnricherTests
{
    private readonly List<EventMetadata> _handled = [];

    [Theory]
    [InlineData(DeliveryMode.Inline)]
    [InlineData(DeliveryMode.Queued)]
    [InlineData(DeliveryMode.Durable)]
    public async Task Every_way_to_publish_enriches_each_event_once(DeliveryMode mode)
    {
        var clock = new FakeTimeProvider();
        var numbers = 0;
        await using var bus = Listening(mode)
            .UseTimeProvider(clock)
            .AddEnricher(new Setting(attributes => attributes.Headers["number"] = $"{Interlocked.Increment(ref numbers)}"))
            .Build();

        await bus.PublishAsync(new Placed("single"));
        await bus.PublishManyAsync([new Placed("many"), new Placed("many")]);
        await bus.For<Placed>().PublishAsync(new Placed("bound"));
        await bus.PublishAsync<object>(new Placed("untyped"));
        await bus.PublishManyAsync<object>([new Placed("untyped many")]);
        await bus.WhenSettled();
        await bus.ScheduleAsync(new Placed("scheduled"), TimeSpan.FromMinutes(1));
        clock.Advance(TimeSpan.FromMinutes(2));
        await bus.WhenSettled();

        Assert.Equal(["1", "2", "3", "4", "5", "6", "7"], _handled.Select(static handled => handled.Headers["number"]));
    }

    [Fact]
    public async Task It_sees_and_may_change_what_the_publisher_gave()
    {
        await using var bus = Listening(DeliveryMode.Queued)
            .AddEnricher(new Setting(static attributes =>
            {
                attributes.Headers["seen"] = $"{attributes.Id} {attributes.Source} {attributes.Subject} {attributes.Key} {attributes.CorrelationId} {attributes.Headers["given"]}";
                attributes.Source = "shop";
                attributes.Subject = null;
                attributes.Key = "key";
            }))
            .Build();
        var headers = new Dictionary<string, string> { ["given"] = "by me" };

        await bus.PublishAsync(new Placed("1"), new PublishOptions { Id = "id", Source = "till", Subject = "subject", CorrelationId = "visit", Headers = headers });
        await bus.WhenSettled();

        var handled = Assert.Single(_handled);
        Assert.Equal(("shop", "subject", "key"), (handled.Source, handled.Subject, handled.Key));
        Assert.Equal(("id", "visit"), (handled.Id, handled.CorrelationId));
        Assert.Equal("id till subject  visit by me", handled.Headers["seen"]);
        Assert.Equal(["given"], headers.Keys);
    }

    [Fact]
    public async Task Those_of_the_bus_come_first_and_those_of_event_types_hold_for_what_is_derived_from_them()
    {
        await using var bus = Listening(DeliveryMode.Queued)
            .AddEvent<IOrderEvent>(static e => e.Enrich(static (order, attributes, _) => Add(attributes, order.Number)))
            .AddEvent<string>(static e => e.Enrich(static (_, attributes, _) => Add(attributes, "never")))
            .AddEnricher(new Setting(static attributes => attributes.Headers["order"] = "bus"))
            .Build();

        await bus.PublishAsync<object>(new Placed("event"));
        await bus.WhenSettled();

        Assert.Equal("bus event", Assert.Single(_handled).Headers["order"]);

        static ValueTask Add(EventEnrichment attributes, string text)
        {
            attributes.Headers["order"] += $" {text}";
            return default;
        }
    }

    [Fact]
    public async Task It_has_the_services_of_the_scope_that_the_event_is_published_from_or_none()
    {
        await using var provider = new ServiceCollection()
            .AddScoped<Tenant>()
            .AddEventBus(bus => Listen(bus, DeliveryMode.Queued).AddEnricher<TenantEnricher>())
            .BuildServiceProvider(new ServiceProviderOptions { ValidateScopes = true, ValidateOnBuild = true });
        var bus = provider.GetRequiredService<IEventBus>();

        await using (var scope = provider.CreateAsyncScope())
        {
            scope.ServiceProvider.GetRequiredService<Tenant>().Name = "uk";
            await scope.ServiceProvider.GetRequiredService<IEventPublisher>().PublishAsync(new Placed("1"));
            await scope.ServiceProvider.GetRequiredService<IEventPublisher>().For<Placed>().PublishAsync(new Placed("2"));
        }

        await bus.PublishAsync(new Placed("3"));
        await bus.WhenSettled();

        Assert.Equal(["uk", "uk", "nobody"], _handled.Select(static handled => handled.Headers["tenant"]));
    }

    [Fact]
    public async Task A_scheduled_event_carries_what_was_so_when_it_was_scheduled()
    {
        var clock = new FakeTimeProvider();
        await using var provider = new ServiceCollection()
            .AddScoped<Tenant>()
            .AddEventBus(bus => Listen(bus, DeliveryMode.Queued).UseTimeProvider(clock).AddEnricher<TenantEnricher>())
            .BuildServiceProvider(validateScopes: true);

        await using (var scope = provider.CreateAsyncScope())
        {
            scope.ServiceProvider.GetRequiredService<Tenant>().Name = "uk";
            await scope.ServiceProvider.GetRequiredService<IEventPublisher>().ScheduleAsync(new Placed("1"), TimeSpan.FromMinutes(1));
        }

        clock.Advance(TimeSpan.FromMinutes(2));
        await provider.GetRequiredService<IEventBus>().WhenSettled();

        Assert.Equal("uk", Assert.Single(_handled).Headers["tenant"]);
    }

    [Fact]
    public async Task What_follows_from_an_event_keeps_its_cause()
    {
        await using var bus = Listening(DeliveryMode.Queued)
            .AddEnricher(new Setting(static attributes => attributes.Headers["cause"] = attributes.CausationId ?? ""))
            .Handle<string>(static (_, context, token) => context.Publisher.PublishAsync(new Placed("1"), token))
            .Build();

        await bus.PublishAsync("start", new PublishOptions { Id = "start" });
        await bus.WhenSettled();

        var handled = Assert.Single(_handled);
        Assert.Equal(("start", "start", "start"), (handled.CausationId, handled.CorrelationId, handled.Headers["cause"]));
    }

    [Theory]
    [InlineData(DeliveryMode.Queued)]
    [InlineData(DeliveryMode.Durable)]
    public async Task An_id_that_it_gives_is_recognised_when_the_fact_is_published_again(DeliveryMode mode)
    {
        await using var bus = new EventBusBuilder().In(mode)
            .AddEvent<Placed>(static e => e.Enrich(static (placed, attributes, _) =>
            {
                attributes.Id = $"placed-{placed.Number}";
                return default;
            }))
            .Handle<Placed>(Note, s => s.In(mode).Idempotent())
            .Build();

        await bus.PublishManyAsync([new Placed("1"), new Placed("2"), new Placed("1")]);
        await bus.WhenSettled();

        Assert.Equal(["placed-1", "placed-2"], _handled.Select(static handled => handled.Id));
    }

    [Theory]
    [InlineData(DeliveryMode.Inline)]
    [InlineData(DeliveryMode.Queued)]
    [InlineData(DeliveryMode.Durable)]
    public async Task One_that_fails_refuses_the_event_and_the_publisher_is_told_that_nobody_has_it(DeliveryMode mode)
    {
        await using var bus = Listening(mode).AddEnricher(new Setting(static _ => throw new InvalidOperationException("no tenant"))).Build();

        var published = await Assert.ThrowsAsync<PublishException>(async () => await bus.PublishAsync(new Placed("1")));
        var scheduled = await Assert.ThrowsAsync<PublishException>(async () => await bus.ScheduleAsync(new Placed("1"), TimeSpan.FromMinutes(1)));
        await Assert.ThrowsAnyAsync<PublishException>(async () => await bus.PublishManyAsync([new Placed("1")]));
        await bus.WhenSettled();

        Assert.All([published, scheduled], static error => Assert.EndsWith("nobody has it: its enricher failed: no tenant", error.Message, StringComparison.Ordinal));
        Assert.IsType<InvalidOperationException>(published.InnerException);
        Assert.Empty(_handled);
    }

    [Theory]
    [InlineData(DeliveryMode.Inline)]
    [InlineData(DeliveryMode.Queued)]
    [InlineData(DeliveryMode.Durable)]
    public async Task An_event_whose_enricher_outlasts_the_bus_is_not_accepted(DeliveryMode mode)
    {
        var held = new HeldHandler();
        await using var bus = Listening(mode).AddEvent<Placed>(e => e.Enrich((_, _, _) => held.HoldAsync())).Build();
        await bus.StartAsync();

        var publish = bus.PublishAsync(new Placed("1")).AsTask();
        var schedule = bus.ScheduleAsync(new Placed("1"), TimeSpan.FromMinutes(1)).AsTask();
        await held.Entered;
        await bus.StopAsync();
        held.Open();

        await Assert.ThrowsAsync<EventBusStoppedException>(() => publish.Soon());
        await Assert.ThrowsAsync<EventBusStoppedException>(() => schedule.Soon());
        Assert.Empty(_handled);
    }

    [Fact]
    public async Task A_publisher_that_cancels_while_it_is_enriched_has_published_nothing()
    {
        var held = new HeldHandler();
        using var cancellation = new CancellationTokenSource();
        await using var bus = Listening(DeliveryMode.Queued).AddEvent<Placed>(e => e.Enrich((_, _, _) => held.HoldAsync())).Build();

        var publish = bus.PublishAsync(new Placed("1"), cancellation.Token).AsTask();
        await held.Entered;
        await cancellation.CancelAsync();
        held.Open();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => publish.Soon());
        await bus.WhenSettled();
        Assert.Empty(_handled);
    }

    [Fact]
    public void One_that_the_container_would_make_for_each_scope_or_not_at_all_is_a_mistake()
    {
        var scoped = new ServiceCollection().AddScoped<TenantEnricher>().AddEventBus(static bus => bus.AddEnricher<TenantEnricher>()).BuildServiceProvider();
        var alone = new EventBusBuilder().AddEnricher<TenantEnricher>();

        var shortLived = Assert.Throws<EventBusConfigurationException>(scoped.GetRequiredService<IEventBus>);
        var unmade = Assert.Throws<EventBusConfigurationException>(alone.Build);

        Assert.Contains("is registered as Scoped, and the bus has one of it", shortLived.Message, StringComparison.Ordinal);
        Assert.Contains("is made by a container, and this bus has none", unmade.Message, StringComparison.Ordinal);
    }

    private EventBusBuilder Listening(DeliveryMode mode) => Listen(new EventBusBuilder().In(mode), mode);

    private EventBusBuilder Listen(EventBusBuilder bus, DeliveryMode mode) => bus.Handle<Placed>(Note, s => _ = mode == DeliveryMode.Inline ? s.Inline() : s.In(mode));

    private ValueTask Note(Placed placed, EventContext context, CancellationToken cancellationToken)
    {
        _handled.Add(context.Capture());
        return default;
    }

    private interface IOrderEvent
    {
        string Number { get; }
    }

    private sealed record Placed(string Number) : IOrderEvent;

    private sealed class Tenant
    {
        public string Name { get; set; } = "";
    }

    private sealed class TenantEnricher : IEventEnricher
    {
        public async ValueTask EnrichAsync(object @event, EventEnrichment attributes, CancellationToken cancellationToken)
        {
            await Task.Yield();
            attributes.Headers["tenant"] = attributes.Services?.GetRequiredService<Tenant>().Name ?? "nobody";
        }
    }

    private sealed class Setting(Action<EventEnrichment> set) : IEventEnricher
    {
        public ValueTask EnrichAsync(object @event, EventEnrichment attributes, CancellationToken cancellationToken)
        {
            set(attributes);
            return default;
        }
    }
}
