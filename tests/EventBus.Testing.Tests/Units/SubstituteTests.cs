using EventBus.Storage;
using EventBus.Testing.Tests.Support;
using NSubstitute;

namespace EventBus.Testing.Tests.Units;

public sealed class SubstituteTests
{
    public static TheoryData<Type> Interfaces =>
    [
        .. new[] { typeof(IEventPublisher).Assembly, typeof(IEventBus).Assembly, typeof(TestBus).Assembly }
            .SelectMany(static assembly => assembly.GetExportedTypes())
            .Where(static type => type.IsInterface)
            .Select(static type => type.IsGenericTypeDefinition ? type.MakeGenericType(typeof(OrderPlaced)) : type),
    ];

    [Theory]
    [MemberData(nameof(Interfaces))]
    public void Every_public_interface_can_be_substituted(Type type) => Assert.IsAssignableFrom(type, Substitute.For([type], []));

    [Fact]
    public void There_are_some() => Assert.Contains(typeof(IEventLog), Interfaces.Select(static row => row.Data));

    [Fact]
    public async Task What_a_class_publishes_is_seen_by_a_substitute()
    {
        var publisher = Substitute.For<IEventPublisher>();

        await publisher.PublishAsync(new OrderPlaced("1"), CancellationToken.None);

        await publisher.Received(1).PublishAsync(new OrderPlaced("1"), null, CancellationToken.None);
    }

    [Fact]
    public async Task A_substituted_handler_is_called_by_a_bus()
    {
        var handler = Substitute.For<IEventHandler<OrderPlaced>>();
        await using var bus = TestBus.Create(bus => bus.AddHandler(handler, static s => s.Named("substitute")));

        await bus.PublishAsync(new OrderPlaced("1"));
        await bus.WhenIdleAsync();

        await handler.Received(1).HandleAsync(new OrderPlaced("1"), Arg.Any<EventContext>(), Arg.Any<CancellationToken>());
    }

    [Fact]
    public async Task A_substituted_handler_that_throws_is_retried_and_given_up()
    {
        var handler = Substitute.For<IEventHandler<OrderPlaced>>();
#pragma warning disable CA2012 // A call that is only described.
        handler.HandleAsync(default!, default, default).ReturnsForAnyArgs(static _ => throw new InvalidOperationException("no"));
#pragma warning restore CA2012
        await using var bus = TestBus.Create(bus => bus.AddHandler(handler, static s => s.Named("substitute").Retry(Shop.EverySecond(2))));
        await bus.PublishAsync(new OrderPlaced("1"));

        await bus.AdvanceAsync(TimeSpan.FromSeconds(1));

        Assert.Single(bus.History.DeadLettered("substitute"));
    }
}
