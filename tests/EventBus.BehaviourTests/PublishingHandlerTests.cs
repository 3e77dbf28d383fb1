using EventBus.BehaviourTests.Support;
using Microsoft.Extensions.Time.Testing;

namespace EventBus.BehaviourTests;

/// <summary>Handlers that publish into full queues of their own bus.</summary>
public abstract class PublishingHandlerTests(DeliveryMode mode)
{
    [Theory]
    [InlineData(false, false)]
    [InlineData(false, true)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public async Task A_handler_may_publish_into_its_own_queue_of_capacity_1(bool ordered, bool fromTheRoot)
    {
        const int publishers = 3, chains = 20, length = 10;
        IEventBus? root = null;
        await using var bus = new EventBusBuilder()
            .In(mode)
            .Handle<Step>(
                async (step, context, cancellationToken) =>
                {
                    await Task.Yield();
                    if (step.Left > 1)
                        await (fromTheRoot ? root! : context.Publisher).PublishAsync(step with { Left = step.Left - 1 }, cancellationToken);
                },
                s =>
                {
                    s.In(mode).Capacity(1).Reserve(1, mode);
                    if (ordered)
                        s.OrderedBy(step => step.Chain % 2);
                })
            .Build();
        root = bus;

        await Task.WhenAll(Enumerable.Range(0, publishers).Select(publisher => Task.Run(async () =>
        {
            for (var chain = 0; chain < chains; chain++)
                await bus.PublishAsync(new Step(publisher + chain, length));
        }))).Soon();
        await bus.WhenSettled();

        Assert.Equal(publishers * chains * length, bus.Subscriptions[0].Statistics.Handled);
        Assert.Equal(0, bus.Subscriptions[0].Statistics.Refused);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_ring_of_three_with_capacity_1_never_stops_turning(bool ordered)
    {
        const int rings = 3, length = 200, others = 100;
        await using var bus = new EventBusBuilder()
            .In(mode)
            .Handle<A>((step, context, token) => step.Left == 0 ? default : context.Publisher.PublishAsync(new B(step.Left - 1), token), s => Configure(s, "a"))
            .Handle<B>((step, context, token) => step.Left == 0 ? default : context.Publisher.PublishAsync(new C(step.Left - 1), token), s => Configure(s, "b"))
            .Handle<C>((step, context, token) => step.Left == 0 ? default : context.Publisher.PublishAsync(new A(step.Left - 1), token), s => Configure(s, "c"))
            .Build();

        var publishing = Enumerable.Range(0, rings).Select(_ => Task.Run(async () => await bus.PublishAsync(new A(length - 1))))
            .Append(Task.Run(() => Publish(new A(0))))
            .Append(Task.Run(() => Publish(new B(0))))
            .Append(Task.Run(() => Publish(new C(0))));
        await Task.WhenAll(publishing).Soon();
        await bus.WhenSettled();

        Assert.Equal((rings * length) + (3 * others), bus.Subscriptions.Sum(static subscription => subscription.Statistics.Handled));
        Assert.Equal(0, bus.Subscriptions.Sum(static subscription => subscription.Statistics.Refused));

        void Configure<T>(SubscriptionBuilder<T> s, string name)
            where T : notnull
        {
            s.In(mode, name).Capacity(1).Reserve(rings, mode);
            if (ordered)
                s.OrderedBy(static _ => 1);
        }

        async Task Publish<T>(T step)
            where T : notnull
        {
            for (var i = 0; i < others; i++)
                await bus.PublishAsync(step);
        }
    }

    [Fact]
    public async Task A_handler_that_publishes_to_its_own_key_never_waits_and_is_told_when_there_is_no_room()
    {
        var errors = new List<QueueFullException>();
        await using var bus = new EventBusBuilder()
            .In(mode)
            .Handle<Step>(
                async (step, context, cancellationToken) =>
                {
                    if (step.Left > 0)
                        return;
                    for (var number = 1; number <= 3; number++)
                    {
                        try
                        {
                            await context.Publisher.PublishAsync(new Step(step.Chain, number), cancellationToken);
                        }
                        catch (QueueFullException error)
                        {
                            errors.Add(error);
                        }
                    }
                },
                s => s.In(mode, "own").OrderedBy(step => step.Chain).Concurrency(2).Capacity(1).Reserve(1, mode))
            .Build();

        await bus.PublishAsync(new Step(1, 0));
        await bus.WhenSettled();

        Assert.Equal(mode.MayBeFull() ? ["own"] : [], errors.SelectMany(static error => error.RefusedBy));
        Assert.Equal(4 - errors.Count, bus.Subscriptions[0].Statistics.Handled);
    }

    private sealed record Step(int Chain, int Left);

    private sealed record A(int Left);

    private sealed record B(int Left);

    private sealed record C(int Left);

    public sealed class Queued() : PublishingHandlerTests(DeliveryMode.Queued)
    {
        // The log always has room.
        [Theory]
        [InlineData(false)]
        [InlineData(true)]
        public async Task A_delivery_that_found_no_room_steps_aside_and_comes_back_without_a_counted_attempt(bool ordered)
        {
            const int children = 6;
            var clock = new FakeTimeProvider();
            var published = 0;
            var attempts = new List<int>();
            await using var bus = new EventBusBuilder()
                .UseTimeProvider(clock)
                .Handle<Step>(
                    async (step, context, cancellationToken) =>
                    {
                        if (step.Left == 0)
                            return;
                        attempts.Add(context.Attempt);
                        while (published < children)
                        {
                            await context.Publisher.PublishAsync(new Step(published, 0), cancellationToken);
                            published++;
                        }
                    },
                    s =>
                    {
                        s.Capacity(1).Reserve(1).Retry(RetryPolicy.None);
                        if (ordered)
                            s.OrderedBy(step => step.Chain);
                    })
                .Build();

            await bus.PublishAsync(new Step(-1, 1));
            await bus.WhenQuiet();
            while (published < children)
            {
                clock.Advance(TimeSpan.FromMinutes(1));
                await bus.WhenQuiet();
            }

            await bus.WhenSettled();
            Assert.Equal(children + 1, bus.Subscriptions[0].Statistics.Handled);
            Assert.Equal(0, bus.Subscriptions[0].Statistics.DeadLettered);
            Assert.All(attempts, static attempt => Assert.Equal(1, attempt));
            Assert.True(attempts.Count > 1);
        }
    }

    public sealed class Durable() : PublishingHandlerTests(DeliveryMode.Durable);
}
