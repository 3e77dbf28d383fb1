using System.Collections.Concurrent;
using EventBus.Lifecycle;
using EventBus.Storage;

namespace EventBus.CrashChild;

/// <summary>A whole bus at work on a file: publishers that publish at once, and subscriptions of all kinds.</summary>
internal sealed class WorkingLife : IAsyncDisposable
{
    // More than a campaign has crashes: what is no poison must never become a dead letter.
    private const int ManyAttempts = 100;

    private static readonly TimeSpan s_delay = TimeSpan.FromMilliseconds(2);

    private readonly Life _life;
    private readonly Failpoint _failpoint;
    private readonly FailpointLog _log;
    private readonly IEventBus _bus;
    private readonly ConcurrentDictionary<string, TaskCompletionSource> _acknowledged = new();
    private readonly ConcurrentDictionary<string, bool> _redriven = new();

    private WorkingLife(Life life)
    {
        _life = life;
        _failpoint = new Failpoint(life);
        _log = new FailpointLog(new SqliteEventLog($"Data Source={life.File}"), _failpoint);
        _bus = Build();
    }

    public static async Task<int> RunAsync(Life life)
    {
        await using var working = new WorkingLife(life);
        await (life.IsLast ? working.FinishAsync() : working.WorkAsync());
        await working._bus.StopAsync();
        Journal.Write("stopped");
        return 0;
    }

    public async ValueTask DisposeAsync()
    {
        await _bus.DisposeAsync();
        _log.Dispose();
    }

    private IEventBus Build() => new EventBusBuilder()
        .UseEventLog(_log)
        .Handle<Fact>(OnOrderedAsync, s => s.Named(Subscriptions.Ordered).Durable(LogPosition.Earliest)
            .OrderedBy(OrderedKey).Concurrency(4).Retry(RetryPolicy.Fixed(ManyAttempts, s_delay)))
        .Handle<Fact>(OnFailingAsync, static s => s.Named(Subscriptions.Failing).Durable(LogPosition.Earliest)
            .OrderedBy(static fact => fact.Key).Concurrency(2).Capacity(16).Retry(RetryPolicy.Fixed(ManyAttempts, s_delay).On<PoisonException>(RetryPolicy.Fixed(Subscriptions.PoisonAttempts, s_delay))))
        .Handle<Fact>(OnIdempotentAsync, static s => s.Named(Subscriptions.Idempotent).Durable(LogPosition.Earliest)
            .Idempotent(static fact => fact.Name).Concurrency(2).Retry(RetryPolicy.Fixed(ManyAttempts, s_delay)))
        .Handle<Fact>(OnRefusingAsync, static s => s.Named(Subscriptions.Refusing).Durable(LogPosition.Earliest)
            .Capacity(8).Retry(RetryPolicy.Fixed(ManyAttempts, s_delay)))
        .Handle<Reminder>(OnReminder, static s => s.Named(Subscriptions.Reminders).Durable(LogPosition.Earliest)
            .Retry(RetryPolicy.Fixed(ManyAttempts, s_delay)))
        .Build();

    private async Task WorkAsync()
    {
        await StartAsync();
        await Task.WhenAll([.. Enumerable.Range(0, _life.Next.Count).Select(publisher => Task.Run(() => PublishAsync(publisher))), Task.Run(RemindAsync)]);
        Journal.Write("published");
        if (_life.Redrives)
            await RedriveAsync(3);
        if (!_life.StopsEarly)
            await SettledAsync();
    }

    private async Task FinishAsync()
    {
        await StartAsync();
        await _log.Activated;
        await SettledAsync();
        await RedriveAsync(int.MaxValue);
        await SettledAsync();
    }

    private async Task StartAsync()
    {
        await _bus.StartAsync();
        Journal.Write("started");
        if (_life.ChecksIntegrity)
            Journal.Write((await _bus.EventLog.CheckIntegrityAsync()).Select(static damage => $"damage {damage}"));
    }

    private Task SettledAsync() => ((Bus)_bus).Idle.WhenSettledAsync();

    private async Task PublishAsync(int publisher)
    {
        foreach (var name in _life.Again.Where(name => !name.StartsWith(Reminder.Prefix, StringComparison.Ordinal) && Fact.Parse(name).Publisher == publisher))
            await PublishAsync([Fact.Parse(name)]);
        var next = _life.Next[publisher];
        for (var number = next; number < next + _life.Events;)
        {
            var together = new Fact(publisher, number).WithBatch();
            await PublishAsync(together);
            number = together[^1].Number + 1;
        }
    }

    private async Task PublishAsync(IReadOnlyList<Fact> facts)
    {
        foreach (var fact in facts)
            _acknowledged[fact.Name] = new();
        Journal.Write(facts.Select(static fact => $"try {fact.Name}"));
        try
        {
            if (facts.Count > 1)
                await _bus.PublishManyAsync(facts);
            else
                await _bus.PublishAsync(facts[0], facts[0].HasId ? new PublishOptions { Id = facts[0].Name } : null);
        }
        catch (Exception error)
        {
            Journal.Write(facts.Select(fact => $"fail {fact.Name} {error.GetType().Name}: {error.Message.ReplaceLineEndings(" ")}"));
            return;
        }

        Journal.Write(facts.Select(static fact => $"ack {fact.Name}"));
        foreach (var fact in facts)
            _acknowledged[fact.Name].TrySetResult();
    }

    private async Task RemindAsync()
    {
        foreach (var name in _life.Again.Where(static name => name.StartsWith(Reminder.Prefix, StringComparison.Ordinal)))
            await RemindAsync(Reminder.Parse(name));
        for (var i = 0; i < _life.Reminders; i++)
            await RemindAsync(new(_life.NextReminder + i));
    }

    private async Task RemindAsync(Reminder reminder)
    {
        Journal.Write($"try {reminder.Name}");
        try
        {
            await _bus.ScheduleAsync(reminder, TimeSpan.FromMilliseconds(reminder.Number % 4 * 5), reminder.HasId ? new PublishOptions { Id = reminder.Name } : null);
        }
        catch (ArgumentException)
        {
            // It is scheduled already, which is what was wanted.
        }

        Journal.Write($"ack {reminder.Name}");
    }

    private async Task RedriveAsync(int count)
    {
        var letters = await _bus.DeadLetters.AllAsync(new() { Subscription = Subscriptions.Refusing }).Where(static letter => ((Fact)letter.Event).IsTakenLater).Take(count).ToListAsync();
        foreach (var letter in letters)
        {
            _redriven[((Fact)letter.Event).Name] = true;
            await _bus.DeadLetters.RedriveAsync(letter.Id);
        }
    }

    // Asked by the log's writer, between the commit and the queues.
    private string OrderedKey(Fact fact)
    {
        if (_failpoint.IsAt(Points.PublishAcknowledged) && Thread.CurrentThread.Name == "EventBus log writer"
            && _acknowledged.TryGetValue(fact.Name, out var acknowledged) && _failpoint.Counts(Points.PublishAcknowledged))
        {
            acknowledged.Task.Wait();
            _failpoint.Die();
        }

        return fact.Key;
    }

    private async ValueTask OnOrderedAsync(Fact fact, EventContext context, CancellationToken cancellationToken)
    {
        if (fact.Number % 2 == 0)
            await Task.Yield();
        Handle(Subscriptions.Ordered, fact.Name, context);
    }

    private async ValueTask OnFailingAsync(Fact fact, EventContext context, CancellationToken cancellationToken)
    {
        if (fact.Number % 3 == 0)
            await Task.Yield();
        if (fact.IsPoison)
            throw new PoisonException();
        if (fact.FailsFirst && context.Attempt < 3)
            throw new InvalidOperationException("Not yet.");
        Handle(Subscriptions.Failing, fact.Name, context);
    }

    private async ValueTask OnIdempotentAsync(Fact fact, EventContext context, CancellationToken cancellationToken)
    {
        if (fact.Number % 2 == 1)
            await Task.Yield();
        Handle(Subscriptions.Idempotent, fact.Name, context);
    }

    private ValueTask OnRefusingAsync(Fact fact, EventContext context, CancellationToken cancellationToken)
    {
        if (fact.IsRefused && !(fact.IsTakenLater && _redriven.ContainsKey(fact.Name)))
            throw new DoNotRetryException("Not this one.");
        Handle(Subscriptions.Refusing, fact.Name, context);
        return default;
    }

    private ValueTask OnReminder(Reminder reminder, EventContext context, CancellationToken cancellationToken)
    {
        Handle(Subscriptions.Reminders, reminder.Name, context);
        return default;
    }

    // The line is the effect: it is out of the process when the handler goes on.
    private void Handle(string subscription, string name, in EventContext context)
    {
        _failpoint.Pass(Points.InHandler);
        Journal.Write($"handled {subscription} {name} {context.Sequence} {context.Attempt}");
        _failpoint.Pass(Points.EffectDone);
    }

    private sealed class PoisonException : Exception;
}
