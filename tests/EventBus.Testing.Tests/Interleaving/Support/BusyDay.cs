using EventBus.Storage;

namespace EventBus.Testing.Tests.Interleaving.Support;

internal sealed record Ordered(int Number, string Customer);

internal sealed record Paid(int Number);

/// <summary>A scenario that uses everything that waits, wakes or works elsewhere, and writes down who did what.</summary>
internal sealed class BusyDay(SeededRun run)
{
    private readonly List<string> _diary = [];

    public IReadOnlyList<string> Diary => _diary;

    public async Task LiveAsync()
    {
        var bus = Build();
        await Task.WhenAll(Enumerable.Range(1, 3).Select(till => SellAsync(bus, till)));
        await bus.ScheduleAsync(new Ordered(100, "later"), TimeSpan.FromSeconds(2));
        await run.AdvanceAsync(TimeSpan.FromSeconds(1));
        var extra = bus.Subscribe<Paid>((paid, _, _) => Note("extra", paid.Number), s => s.Named("extra").Concurrency(2));
        await bus.PublishManyAsync([new Ordered(200, "batch"), new Ordered(201, "batch")]);
        await extra.DisposeAsync();
        _diary.Add($"stopped: {(await bus.StopAsync()).Subscriptions.Sum(static subscription => subscription.Statistics.Handled)} handled");
        await bus.StartAsync();
        await run.AdvanceAsync(TimeSpan.FromMinutes(10));
        foreach (var letter in await bus.DeadLetters.ListAsync())
            _diary.Add($"{letter.Subscription} gave up {letter.Event}, {await bus.DeadLetters.RedriveAsync(letter.Id)}");
        await run.AdvanceAsync(TimeSpan.FromMinutes(10));
        bus.Dispose();
    }

    private IEventBus Build() => new EventBusBuilder()
        .UseEventLog(static _ => new InMemoryEventLog())
        .Handle<Ordered>(BookAsync, s => s.Named("book").Durable().OrderedBy(static e => e.Customer).Concurrency(3).Idempotent())
        .Handle<Ordered>(PayAsync, s => s.Named("pay").OrderedBy(static e => e.Customer).Concurrency(3).Capacity(4))
        .Handle<Ordered>((e, _, _) => Note("count", e.Number), s => s.Named("count").Capacity(1))
        .Handle<Ordered>(CheckAsync, s => s.Named("check").Inline().Retry(RetryPolicy.Fixed(2, TimeSpan.FromMilliseconds(50))))
        .Handle<Paid>(ThankAsync, s => s.Named("thank").Idempotent().Timeout(TimeSpan.FromSeconds(5)).Retry(RetryPolicy.Exponential(3, TimeSpan.FromSeconds(1))))
        .Build();

    private async Task SellAsync(IEventBus bus, int till)
    {
        for (var i = 0; i < 4; i++)
            await bus.PublishAsync(new Ordered((till * 10) + i, $"customer {(till + i) % 2}"));
    }

    private async ValueTask BookAsync(Ordered e, EventContext context, CancellationToken cancellationToken)
    {
        await Task.Yield();
        if (e.Number % 10 == 3 && context.Attempt == 1)
            throw new InvalidOperationException("the book is open elsewhere");
        await Note("book", e.Number);
    }

    private async ValueTask PayAsync(Ordered e, EventContext context, CancellationToken cancellationToken)
    {
        await Note("pay", e.Number);
        await context.Publisher.PublishAsync(new Paid(e.Number), cancellationToken);
    }

    private async ValueTask CheckAsync(Ordered e, EventContext context, CancellationToken cancellationToken)
    {
        await Note("check", e.Number);
        await Task.Yield();
    }

    private async ValueTask ThankAsync(Paid e, EventContext context, CancellationToken cancellationToken)
    {
        if (e.Number % 10 == 2)
            throw new InvalidOperationException("no address");
        if (e.Number % 10 == 1)
            await Task.Delay(TimeSpan.FromSeconds(e.Number), run.Time, cancellationToken);
        await Note("thank", e.Number);
    }

    private ValueTask Note(string who, int number)
    {
        _diary.Add($"{who} {number}");
        return default;
    }
}
