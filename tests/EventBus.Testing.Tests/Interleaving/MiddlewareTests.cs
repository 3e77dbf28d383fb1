using EventBus.Testing.Tests.Support;
using Microsoft.Extensions.DependencyInjection;

namespace EventBus.Testing.Tests.Interleaving;

/// <summary>Middleware and enrichers run where a seed decides the order, and not beside it.</summary>
public sealed class MiddlewareTests
{
    [Fact]
    public async Task Middleware_that_awaits_is_interleaved_and_each_attempt_stays_within_its_own()
    {
        var orders = new HashSet<string>();

        await Interleavings.RunAsync(50, async run =>
        {
            var steps = new List<string>();
            await using var provider = new ServiceCollection()
                .AddSingleton(steps)
                .AddEventBus(bus => bus
                    .AddMiddleware(new Yielding(steps))
                    .AddEvent<int>(static e => e.Enrich(static async (number, attributes, _) =>
                    {
                        await Task.Yield();
                        attributes.Headers["number"] = $"{number}";
                    }))
                    .AddHandler<int, Slow>(static s => s.Concurrency(2)))
                .BuildServiceProvider(validateScopes: true);
            var bus = provider.GetRequiredService<IEventBus>();

            await Task.WhenAll(bus.PublishAsync(1).AsTask(), bus.PublishAsync(2).AsTask());
            await bus.StopAsync();

            Assert.Equal(["1 begins", "1 handled", "1 ends"], steps.Where(static step => step.StartsWith('1')));
            Assert.Equal(["2 begins", "2 handled", "2 ends"], steps.Where(static step => step.StartsWith('2')));
            orders.Add(string.Join(", ", steps));
        });

        Assert.True(orders.Count > 1);
    }

    private sealed class Yielding(List<string> steps) : IEventMiddleware
    {
        public async ValueTask HandleAsync<TEvent>(TEvent @event, EventContext context, IEventHandler<TEvent> next, CancellationToken cancellationToken)
            where TEvent : notnull
        {
            steps.Add($"{context.Headers["number"]} begins");
            await Task.Yield();
            await next.HandleAsync(@event, context, cancellationToken);
            steps.Add($"{context.Headers["number"]} ends");
        }
    }

    private sealed class Slow(List<string> steps) : IEventHandler<int>
    {
        public async ValueTask HandleAsync(int @event, EventContext context, CancellationToken cancellationToken)
        {
            await Task.Yield();
            steps.Add($"{@event} handled");
        }
    }
}
