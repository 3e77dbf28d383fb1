using System.Collections.Concurrent;
using EventBus.Lifecycle;
using EventBus.Storage;
using Microsoft.Data.Sqlite;

namespace EventBus.CrashChild;

/// <summary>A whole bus at work on a file: publishers that publish at once, and subscriptions of all kinds.</summary>
internal sealed class WorkingLife : IAsyncDisposable
{
    // More than a campaign has crashes: what is no poison must never become a dead letter.
    private const int ManyAttempts = 100;

    private static readonly TimeSpan s_delay = TimeSpan.FromMilliseconds(2);
    private static readonly TimeSpan s_slow = TimeSpan.FromMilliseconds(15);
    private static readonly TimeSpan s_lockedFor = TimeSpan.FromMilliseconds(20);

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
        _log = new FailpointLog(new SqliteEventLog($"Data Source={life.File}", new() { BusyTimeout = life.IsLocked ? s_lockedFor / 2 : TimeSpan.FromSeconds(5) }), _failpoint);
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
        .Handle<Fact>((fact, context, _) => Handle(Subscriptions.Paused, fact, context), s => Paused(s.Named(Subscriptions.Paused).Durable(LogPosition.Earliest)
            .OrderedBy(static fact => fact.Key).Concurrency(2).Retry(RetryPolicy.Fixed(ManyAttempts, s_delay))))
        .Handle<Fact>(OnHangingAsync, static s => s.Named(Subscriptions.Hanging).Durable(LogPosition.Earliest)
            .OrderedBy(static fact => fact.Key).Concurrency(4).Retry(RetryPolicy.Fixed(ManyAttempts, s_delay)))
        .Handle<Fact>((fact, context, _) => Handle(Subscriptions.Replayed, fact, context), static s => s.Named(Subscriptions.Replayed).Durable(LogPosition.Earliest)
            .OrderedBy(static fact => fact.Key).Concurrency(2).Retry(RetryPolicy.Fixed(ManyAttempts, s_delay)))
        .Handle<Reminder>((reminder, context, _) => Handle(Subscriptions.QueuedReminders, reminder, context), static s => s.Named(Subscriptions.QueuedReminders))
        .Handle<Reminder>(OnReminder, static s => s.Named(Subscriptions.Reminders).Durable(LogPosition.Earliest)
            .Retry(RetryPolicy.Fixed(ManyAttempts, s_delay)))
        .Build();

    private async Task WorkAsync()
    {
        await StartAsync();
        await Task.WhenAll(
        [
            .. Enumerable.Range(0, _life.Next.Count).Select(publisher => Task.Run(() => PublishAsync(publisher))),
            Task.Run(RemindAsync), Task.Run(LockAsync), Task.Run(() => RedriveAsync(_life.Redrives ? 2 : 0)),
        ]);
        Journal.Write("published");
        if (_life.Redrives)
            await RedriveAsync(3);
        if (_life.Hangs)
        {
            await Task.Delay(s_slow);
            _failpoint.Die(Points.Hanging);
        }

        if (_life.StopsEarly)
            return;
        Resume();
        await SettledAsync();
        if (_life.Replays)
            await ReplayAsync();
    }

    // Nothing is under way when it begins: what comes from now on is the replay's.
    private async Task ReplayAsync()
    {
        Journal.Write("replaying");
        await Task.WhenAll(
            _bus.EventLog.ReplayAsync(Subscriptions.Replayed, LogPosition.Earliest).AsTask(),
            _bus.EventLog.RetainAsync(new LogRetention { MaxEvents = 5 }).AsTask());
        await SettledAsync();
    }

    private void Resume() => _bus.Subscriptions.First(static subscription => subscription.Name == Subscriptions.Paused).Resume();

    // Another program, which writes now and then and takes its time.
    private async Task LockAsync()
    {
        for (var times = 0; _life.IsLocked && times < 4; times++)
        {
            await using var other = new SqliteConnection($"Data Source={_life.File};Pooling=false");
            await other.OpenAsync();
            await using (var command = other.CreateCommand())
            {
                command.CommandText = "BEGIN IMMEDIATE";
                await command.ExecuteNonQueryAsync();
                await Task.Delay(s_lockedFor);
                command.CommandText = "ROLLBACK";
                await command.ExecuteNonQueryAsync();
            }

            await Task.Delay(s_lockedFor / 4);
        }
    }

    private async Task FinishAsync()
    {
        await StartAsync();
        Resume();
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
        catch (EventLogBusyException) when (_life.IsLocked)
        {
            Journal.Write(facts.Select(static fact => $"busy {fact.Name}"));
            return;
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
        catch (EventLogBusyException) when (_life.IsLocked)
        {
            Journal.Write($"busy {reminder.Name}");
            return;
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
        if (fact.IsSlow)
            await Task.Delay(s_slow, CancellationToken.None);
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

    private async ValueTask OnHangingAsync(Fact fact, EventContext context, CancellationToken cancellationToken)
    {
        if (_life.Hangs && fact.Hangs)
            await Task.Delay(Timeout.InfiniteTimeSpan, CancellationToken.None);
        if (fact.FailsFirst && context.Attempt < 2)
            throw new InvalidOperationException("Not yet.");
        Handle(Subscriptions.Hanging, fact.Name, context);
    }

    private SubscriptionBuilder<Fact> Paused(SubscriptionBuilder<Fact> subscription) => _life.IsLast ? subscription : subscription.StartPaused();

    private ValueTask Handle(string subscription, Fact fact, in EventContext context)
    {
        Handle(subscription, fact.Name, context);
        return default;
    }

    private ValueTask Handle(string subscription, Reminder reminder, in EventContext context)
    {
        Handle(subscription, reminder.Name, context);
        return default;
    }

    // The line is the effect: it is out of the process when the handler goes on.
    private void Handle(string subscription, string name, in EventContext context)
    {
        _failpoint.Pass(Points.InHandler);
        Journal.Write($"handled {subscription} {name} {context.Sequence ?? 0} {context.Attempt}{(context.IsReplay ? " replay" : "")}");
        _failpoint.Pass(Points.EffectDone);
    }

    private sealed class PoisonException : Exception;
}
