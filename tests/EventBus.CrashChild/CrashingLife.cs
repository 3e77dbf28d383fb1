using EventBus.Lifecycle;

namespace EventBus.CrashChild;

/// <summary>A bus with a handler that kills its process at one event, every time. Only the first life of a file publishes.</summary>
public static class CrashingLife
{
    public const int Deadly = 2;
    public const int MaxAttempts = 3;

    internal static async Task<int> RunAsync(Life life)
    {
        await using var bus = new EventBusBuilder()
            .UseSqlite($"Data Source={life.File}")
            .Handle<Fact>(
                static (fact, context, _) =>
                {
                    Journal.Write($"attempt {fact.Name} {context.Attempt}");
                    if (fact.Number == Deadly)
                        Environment.FailFast(null);
                    Journal.Write($"handled deadly {fact.Name} {context.Sequence} {context.Attempt}");
                    return default;
                },
                static s => s.Named("deadly").Durable(LogPosition.Earliest).Retry(RetryPolicy.Fixed(MaxAttempts, TimeSpan.FromMilliseconds(1))))
            .Build();
        await bus.StartAsync();
        if (life.Events > 0)
            await bus.PublishManyAsync([.. Enumerable.Range(0, life.Events).Select(static number => new Fact(1, number))]);
        await ((Bus)bus).Idle.WhenSettledAsync();
        foreach (var letter in await bus.DeadLetters.ListAsync())
            Journal.Write($"letter {((Fact)letter.Event).Name} {letter.Attempts} {letter.Reason} {letter.ExceptionType}");
        await bus.StopAsync();
        Journal.Write("stopped");
        return 0;
    }
}
