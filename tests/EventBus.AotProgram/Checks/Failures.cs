namespace EventBus.AotProgram.Checks;

internal static class Failures
{
    public static async Task What_fails_is_retried_and_then_kept()
    {
        var received = new Received();
        var kept = new Received();
        await using var bus = new EventBusBuilder()
            .Handle<OrderPlaced>(
                async (order, context, _) =>
                {
                    await received.Add($"{order.Number} attempt {context.Attempt}");
                    throw new InvalidOperationException("No stock.");
                },
                s => s.Named("reserve-stock").Retry(RetryPolicy.Fixed(maxAttempts: 2, delay: TimeSpan.FromMilliseconds(1))).Idempotent())
            .OnDeadLetter((letter, _) => kept.Add($"{letter.Subscription} gave up {letter.Event.GetType().Name}: {letter.ExceptionType}"))
            .Build();

        await bus.PublishAsync(new OrderPlaced("1", 10m));
        await bus.StopAsync();

        Check.Same(["1 attempt 1", "1 attempt 2"], received.Texts, "attempts");
        Check.Same(["reserve-stock gave up OrderPlaced: System.InvalidOperationException"], kept.Texts, "dead letters");
        Check.Equal(1L, await bus.DeadLetters.CountAsync(), "dead letters that can be listed");
    }
}
