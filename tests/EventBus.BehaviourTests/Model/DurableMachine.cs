using System.Globalization;
using System.Text.Json;
using EventBus.BehaviourTests.Faults;
using EventBus.BehaviourTests.Support;
using EventBus.Lifecycle;
using EventBus.Queueing;
using EventBus.Storage;

namespace EventBus.BehaviourTests.Model;

/// <summary>Runs programs on durable subscriptions, over all lives of their bus, and remembers what was accepted.</summary>
internal sealed class DurableMachine : IDisposable
{
    private const int Before = 2;
    private const int MostSteps = 10_000;

    private static readonly JsonSerializerOptions s_json = new(JsonSerializerDefaults.Web);

    private readonly InMemoryEventLog _disk = new();
    private readonly SteppedClock _clock = new();
    private readonly List<DurableSubscriber> _subscribers = [];
    private readonly object _gate = new();
    private readonly Dictionary<long, Fact> _stored = [];
    private readonly HashSet<string> _acknowledged = [];
    private readonly HashSet<int> _given = [];
    private readonly HashSet<int> _toGive = [];
    private readonly Dictionary<long, (DurableSubscriber Subscriber, int Number)> _letters = [];
    private readonly DurableProgram _program;
    private List<Task> _pending = [];
    private TaskCompletionSource _held = NewGate();
    private volatile bool _mayHold = true;
    private IEventBus _bus = null!; // The first life makes them.
    private FaultyLog _log = null!;
    private Incarnation _life = null!;
    private int _numbers;
    private int _lives = 1;

    private DurableMachine(DurableProgram program)
    {
        _program = program;
        foreach (var shape in program.Shapes)
        {
            var subscriber = new DurableSubscriber($"{_subscribers.Count}-{DurableShape.All[shape].Name}", DurableShape.All[shape], name => _disk.ReadSubscriptions().First(known => known.Name == name).Generation);
            if (subscriber.Shape.IsLatest)
                subscriber.MayMiss(Enumerable.Range(1, Before));
            _subscribers.Add(subscriber);
        }
    }

    public static async Task RunAsync(DurableProgram program, bool waits)
    {
        using var machine = new DurableMachine(program);
        try
        {
            await machine.RunAsync(waits);
        }
        catch (Exception error)
        {
            throw new InvalidOperationException($"{error.Message}\n{program}\n{string.Join("\n", machine._subscribers.SelectMany(static one => one.Handled.Select(handling => $"  {one.Name}: {handling}")))}", error);
        }
    }

    public void Dispose()
    {
        _ = _bus.StopAsync(TimeSpan.Zero, new CancellationToken(canceled: true)).AsTask();
        _disk.Dispose();
    }

    private async Task RunAsync(bool waits)
    {
        await PublishBeforeAsync();
        await BeginAsync();
        foreach (var step in _program.Steps)
        {
            await DoAsync(step);
            if (!waits)
                continue;
            await _bus.WhenStill();
            await EndPendingAsync();
        }

        await EndAsync();
    }

    private static TaskCompletionSource NewGate() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    // Without a subscription: what is there before the first start.
    private async Task PublishBeforeAsync()
    {
        await using var bus = new EventBusBuilder().UseEventLog(_disk).UseTimeProvider(_clock).AddEvent<Fact>(static e => e.Logged()).Build();
        for (var i = 0; i < Before; i++)
            await PublishAsync(bus, NewFact(new(DurableStepKind.Publish, 0, 1, 0, Manner.AtOnce, 0)));
        foreach (var record in _disk.Read(0, Before))
            _stored.Add(record.Sequence, FactOf(record));
    }

    private async Task BeginAsync()
    {
        _log = new FaultyLog(_disk.Share()) { Completed = Complete, Saving = Move, Buried = Bury, Redriven = Redrive, Appended = Store };
        var life = _life = new Incarnation();
        lock (_gate)
        {
            _given.Clear();
            _toGive.Clear();
        }

        var builder = new EventBusBuilder().UseEventLog(_log).UseTimeProvider(_clock).UseSeed(_lives++)
            .Handle<Fact>((fact, _, _) =>
            {
                life.Do(() => Give(fact));
                return default;
            });
        foreach (var subscriber in _subscribers)
        {
            builder.Handle<Fact>((fact, context, _) => subscriber.HandleAsync(fact, context, life, HoldAsync), s =>
            {
                s.Named(subscriber.Name).Timeout(Timeout.InfiniteTimeSpan).Retry(RetryPolicy.Fixed(DurableShape.MaxAttempts, TimeSpan.FromSeconds(1)));
                subscriber.Shape.Configure(s);
            });
        }

        _bus = builder.Build();
        await _bus.StartAsync();
    }

    private async Task DoAsync(DurableStep step)
    {
        switch (step.Kind)
        {
            case DurableStepKind.Publish:
                await PublishAsync(_bus, NewFact(step));
                break;
            case DurableStepKind.PublishMany:
                await PublishManyAsync(step);
                break;
            case DurableStepKind.PublishAgain when _numbers > Before:
                await PublishAsync(_bus, NewFact(step) with { Id = Id(1 + (step.Target % _numbers)) });
                break;
            case DurableStepKind.Schedule:
                var next = NewFact(step);
                // Whoever publishes this id before it is due is the one that stays.
                var scheduled = next with { Id = $"scheduled-{next.Number}" };
                await _bus.ScheduleAsync(scheduled, TimeSpan.FromMilliseconds(step.Milliseconds), OptionsOf(scheduled));
                Accept(scheduled);
                break;
            case DurableStepKind.Advance:
                _clock.Advance(TimeSpan.FromMilliseconds(step.Milliseconds));
                break;
            case DurableStepKind.Restart:
                HoldNone();
                await _bus.StopAsync().AsTask().Soon();
                _mayHold = true;
                // What becomes due as the bus stops is in the log, and may come to durable subscriptions alone.
                lock (_gate)
                    _toGive.Clear();
                await _bus.StartAsync();
                break;
            case DurableStepKind.Abandon:
                await _bus.StopAsync(TimeSpan.Zero).AsTask().Soon();
                await CrashAsync();
                break;
            case DurableStepKind.Crash:
                await CrashAsync();
                break;
            case DurableStepKind.Replay:
                // It waits until no handler runs.
                HoldNone();
                _pending.Add(_bus.EventLog.ReplayAsync(Choose(step).Name, step.Target % 2 == 0 ? LogPosition.Earliest : LogPosition.Sequence(1 + (step.Target % _numbers)), skipUnread: true).AsTask());
                break;
            case DurableStepKind.Redrive:
                _pending.Add(_bus.DeadLetters.RedriveAsync(new DeadLetterQuery { Subscription = Choose(step).Name }).AsTask());
                break;
            case DurableStepKind.Pause:
                SubscriptionOf(Choose(step)).Pause();
                break;
            case DurableStepKind.Resume:
                SubscriptionOf(Choose(step)).Resume();
                break;
            case DurableStepKind.Release:
                Release();
                break;
            case DurableStepKind.Retain:
                _pending.Add(_bus.EventLog.RetainAsync(new LogRetention { MaxEvents = 1 + (step.Target % 5) }).AsTask());
                break;
        }
    }

    private DurableSubscriber Choose(DurableStep step) => _subscribers[step.Target % _subscribers.Count];

    private ISubscription SubscriptionOf(DurableSubscriber subscriber) => _bus.Subscriptions.First(subscription => subscription.Name == subscriber.Name);

    private static string Id(int number) => number.ToString(CultureInfo.InvariantCulture);

    private static PublishOptions OptionsOf(Fact fact) => new() { Id = fact.Id, Key = fact.Key };

    private Fact NewFact(DurableStep step)
    {
        var number = ++_numbers;
        return new Fact(number, 0, step.Key == 0 ? null : $"key-{step.Key}", Id(number), step.Failures, step.Manner, false);
    }

    private async Task PublishAsync(IEventBus bus, Fact fact)
    {
        await bus.PublishAsync(fact, OptionsOf(fact));
        Accept(fact);
    }

    private async Task PublishManyAsync(DurableStep step)
    {
        // Their ids are the bus's own, and nobody publishes those again.
        var facts = Enumerable.Range(0, 3).Select(_ => NewFact(step)).Select(static fact => fact with { Id = $"of-a-batch-{fact.Number}" }).ToArray();
        await _bus.PublishManyAsync(facts, new PublishOptions { Key = facts[0].Key });
        foreach (var fact in facts)
            Accept(fact);
    }

    private void Accept(Fact fact) => _acknowledged.Add(fact.Id);

    private void Store(LogRecord record)
    {
        var fact = FactOf(record);
        lock (_gate)
        {
            _stored.Add(record.Sequence, fact);
            _toGive.Add(fact.Number);
        }
    }

    private void Give(Fact fact)
    {
        lock (_gate)
            _given.Add(fact.Number);
    }

    // To the idle signal it is as one that waits for time: nothing but a step lets it go on.
    private async Task HoldAsync()
    {
        var held = Volatile.Read(ref _held);
        if (!_mayHold)
            return;
        var worker = WorkerMark.Current!; // A worker calls it.
        worker.AwaitsTime = true;
        ((Bus)_bus).Idle.Check();
        await held.Task;
        worker.AwaitsTime = false;
    }

    private void HoldNone()
    {
        _mayHold = false;
        Release();
    }

    private void Release()
    {
        Interlocked.Exchange(ref _held, NewGate()).SetResult();
    }

    private void Bury(LogDeadLetter letter)
    {
        var buried = _letters[letter.Id] = (_subscribers.First(subscriber => subscriber.Name == letter.Subscription), NumberOf(letter.Record));
        buried.Subscriber.Bury(buried.Number);
    }

    private void Redrive(long letter)
    {
        var (subscriber, number) = _letters[letter];
        subscriber.Redrive(number);
    }

    private void Complete(IdempotencyKey key)
    {
        foreach (var subscriber in _subscribers)
        {
            if (key.Scope == subscriber.Name || key.Scope.StartsWith($"{subscriber.Name}/", StringComparison.Ordinal))
                subscriber.Complete(key.Scope, key.Key);
        }
    }

    // A replay to a place ahead passes over what was not read: there is no row of it, and the stored position had not come to it.
    private void Move(LogSubscription moved)
    {
        if (_disk.ReadSubscriptions().FirstOrDefault(known => known.Name == moved.Name) is { } before && before.Generation < moved.Generation)
            _subscribers.First(subscriber => subscriber.Name == moved.Name).Replays(moved.Generation, _disk.Read(moved.Position, int.MaxValue).Select(static record => record.Sequence).TakeWhile(sequence => sequence <= before.Position));
        if (_disk.ReadSubscriptions().FirstOrDefault(known => known.Name == moved.Name) is { } known && known.Position < moved.Position)
            _subscribers.First(subscriber => subscriber.Name == moved.Name).MayMiss(_disk.Read(known.Position, int.MaxValue).TakeWhile(record => record.Sequence <= moved.Position).Select(NumberOf));
    }

    private static Fact FactOf(LogRecord record) => JsonSerializer.Deserialize<Fact>(record.Body.Span, s_json)!;

    private static int NumberOf(LogRecord record) => FactOf(record).Number;

    // As by a kill: what the process still does reaches neither the log nor the world.
    private Task CrashAsync()
    {
        _log.LosePower();
        _life.End();
        _clock.Forget();
        _subscribers.ForEach(static subscriber => subscriber.Crash());
        _pending = [];
        Release();
        _mayHold = true;
        _ = _bus.StopAsync(TimeSpan.Zero, new CancellationToken(canceled: true)).AsTask();
        return BeginAsync();
    }

    private async Task EndPendingAsync()
    {
        foreach (var task in _pending)
        {
            try
            {
                await task.Soon();
            }
            catch (PublishException)
            {
                // The bus was stopped in the middle of it.
            }
        }

        _pending = [];
        _mayHold = true;
    }

    private async Task EndAsync()
    {
        HoldNone();
        await EndPendingAsync();
        HoldNone();
        await SettleAsync();
        var handled = _subscribers.Sum(static subscriber => subscriber.Handled.Count);
        Require(_toGive.IsSubsetOf(_given), $"a queued subscription was not given {string.Join(", ", _toGive.Except(_given))}");
        await _bus.StopAsync().AsTask().Soon();
        await _bus.StartAsync();
        await SettleAsync();
        Require(handled == _subscribers.Sum(static subscriber => subscriber.Handled.Count), "something was handled again after a clean stop");
        CheckStored();
        foreach (var subscriber in _subscribers)
            DurablePromises.Check(subscriber, _stored.Values, [.. (await _bus.DeadLetters.ListAsync(new() { Subscription = subscriber.Name }, count: 10_000)).Select(static letter => ((Fact)letter.Event).Number)]);
        await _bus.StopAsync().AsTask().Soon();
        var head = _disk.ReadStatistics().Head;
        foreach (var left in _disk.ReadSubscriptions())
        {
            Require(left.Position == head && _disk.ReadDeliveries(left.Name).Count == 0, $"{left} has something left of {head}");
            var subscriber = _subscribers.First(subscriber => subscriber.Name == left.Name);
            var missed = subscriber.MissedByReplay(left.Generation).Where(sequence => !subscriber.HasBuried(_stored[sequence].Number)).ToList();
            Require(missed.Count == 0, $"a replay did not give {left.Name} the events of the sequences {string.Join(", ", missed)}");
        }
    }

    // What has an id that was there before is not added, as long as the first one is there.
    private void CheckStored()
    {
        var ids = _stored.Values.ToLookup(static fact => fact.Id);
        Require(_acknowledged.All(ids.Contains), $"accepted and not in the log: {string.Join(", ", _acknowledged.Where(id => !ids.Contains(id)))}");
        var forgets = _program.Steps.Any(static step => step.Kind == DurableStepKind.Retain);
        Require(forgets || ids.All(static id => id.Count() == 1), $"stored again: {string.Join(", ", ids.Where(static id => id.Count() > 1).Select(static id => id.Key))}");
    }

    private async Task SettleAsync()
    {
        foreach (var subscription in _bus.Subscriptions)
            subscription.Resume();
        for (var steps = 0; ; steps++)
        {
            await _bus.WhenQuiet();
            if (_bus.IsSettled() && _disk.ReadStatistics().Scheduled == 0)
                return;
            Require(steps < MostSteps, "time goes on and on, and something is left to do");
            Require(_clock.TryStep(), $"something is left to do, and nothing waits for time: {string.Join(", ", _bus.Subscriptions.Select(static subscription => subscription.Statistics))}");
        }
    }

    private static void Require(bool promise, string text)
    {
        if (!promise)
            throw new InvalidOperationException(text);
    }
}
