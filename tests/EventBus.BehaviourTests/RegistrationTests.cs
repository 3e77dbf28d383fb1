using EventBus.BehaviourTests.Support;
using Microsoft.Extensions.DependencyInjection;
using NSubstitute;

namespace EventBus.BehaviourTests;

public sealed class RegistrationTests
{
    [Fact]
    public async Task Modules_add_to_one_bus_in_the_order_of_their_calls_in_a_validated_container()
    {
        var calls = new List<int>();
        var services = new ServiceCollection();
        services.AddEventBus(bus => bus.Handle<string>((_, _, _) => Add(1), s => s.Inline()));
        services.AddEventBus(bus => bus.Handle<string>((_, _, _) => Add(2), s => s.Inline()));
        await using var provider = services.BuildServiceProvider(new ServiceProviderOptions { ValidateScopes = true, ValidateOnBuild = true });

        await provider.GetRequiredService<IEventPublisher>().PublishAsync("fact");

        Assert.Equal([1, 2], calls);

        ValueTask Add(int number)
        {
            calls.Add(number);
            return default;
        }
    }

    [Fact]
    public async Task Configured_settings_win_over_code()
    {
        await using var bus = new EventBusBuilder()
            .ConfigureSubscriptions(static settings => settings.StartsPaused = true)
            .Handle<string>(static (_, _, _) => default)
            .Build();

        Assert.True(bus.Subscriptions[0].IsPaused);
    }

    [Fact]
    public void Every_mistake_is_reported_at_once()
    {
        var builder = new EventBusBuilder()
            .Handle<string>(static (_, _, _) => default, static s => s.Named("twice"))
            .Handle<string>(static (_, _, _) => default, static s => s.Named("twice"))
            .Handle<string>(static (_, _, _) => default, static s => s.Named("inline").Inline().Concurrency(2));

        var error = Assert.Throws<EventBusConfigurationException>(() => builder.Build());

        Assert.Contains(error.Errors, static text => text.Contains("twice", StringComparison.Ordinal));
        Assert.Contains(error.Errors, static text => text.Contains("inline", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Handler_instance_and_publisher_can_be_substitutes()
    {
        var handler = Substitute.For<IEventHandler<string>>();
        var publisher = Substitute.For<IEventPublisher>();
        await using var bus = new EventBusBuilder().AddHandler(handler).Build();

        await bus.PublishAsync("fact");
        await bus.WhenSettled();
        await publisher.PublishAsync("fact");

        await handler.Received(1).HandleAsync("fact", Arg.Any<EventContext>(), Arg.Any<CancellationToken>());
        await publisher.Received(1).PublishAsync("fact", null, Arg.Any<CancellationToken>());
    }
}
