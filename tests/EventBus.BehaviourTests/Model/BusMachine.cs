using System.Globalization;
using EventBus.BehaviourTests.Support;
using Microsoft.Extensions.Time.Testing;

namespace EventBus.BehaviourTests.Model;

/// <summary>Runs programs on a bus and remembers what the bus said to each publisher.</summary>
internal sealed class BusMachine
{
    // So many steps of time are more than the longest program needs for all its retries.
    private const int MostRounds = 20_000;

    private static readonly TimeSpan s_pace = TimeSpan.FromSeconds(20);

    private readonly object _gate = new();
    private readonly FakeTimeProvider _clock = new();
    private readonly History _history = new();
    private readonly List<Subscriber> _subscribers = [];
    private readonly List<Task> _pending = [];
    private readonly List<CancellationTokenSource> _cancellations = [];
    private readonly BusProgram _program;
    private readonly IEventBus _bus;
    private int _numbers;

    public BusMachine(BusProgram program)
    {
        _program = program;
        var builder = new EventBusBuilder().UseTimeProvider(_clock).UseSeed(program.Steps.Length);
        foreach (var subscriber in program.Shapes.Select(NewSubscriber))
            builder.Handle<Fact>((fact, context, _) => subscriber.HandleAsync(fact, context, PublishFollowUpAsync), s => subscriber.Shape.Configure(s.Named(subscriber.Name)));
        _bus = builder.Build();
        foreach (var subscriber in _subscribers)
            subscriber.Subscription = _bus.Subscriptions.Single(subscription => subscription.Name == subscriber.Name);
    }

    /// <summary>One step after the other.</summary>
    /// <param name="waits">Whether the bus comes to rest between two steps.</param>
    public async Task RunAsync(bool waits)
    {
        foreach (var step in _program.Steps)
        {
            await DoAsync(step, 0);
            if (waits)
                await _bus.WhenQuiet();
        }

        await EndAsync();
    }

    /// <summary>Several publishers at once, while one more does everything else.</summary>
    /// <param name="publishers">How many.</param>
    /// <param name="begin">Begins the work of one of them.</param>
    public async Task RunConcurrentlyAsync(int publishers, Func<Func<Task>, Task> begin)
    {
        var publishing = Enumerable.Range(1, publishers).Select(publisher => begin(async () =>
        {
            foreach (var step in _program.Steps.Where(static step => step.Kind is StepKind.Publish))
                await PublishAsync(NewFact(step, publisher, null), _bus, CancellationToken.None);
        })).ToArray();
        lock (_gate)
            _pending.AddRange(publishing);
        foreach (var step in _program.Steps.Where(static step => step.Kind is not StepKind.Publish))
            await DoAsync(step, 0);
        await EndAsync();
    }

    private async Task DoAsync(Step step, int publisher)
    {
        switch (step.Kind)
        {
            case StepKind.Publish:
                Publish(NewFact(step, publisher, null));
                break;
            case StepKind.PublishAgain when _numbers > 0:
                Publish(NewFact(step, publisher, Id(1 + (step.Target % _numbers))));
                break;
            case StepKind.CancelPublishers:
                foreach (var cancellation in _cancellations)
                    cancellation.Cancel();
                _cancellations.Clear();
                break;
            case StepKind.Pause:
                Choose(step).Subscription.Pause();
                break;
            case StepKind.Resume:
                Choose(step).Subscription.Resume();
                break;
            case StepKind.Advance:
                _clock.Advance(TimeSpan.FromMilliseconds(step.Milliseconds));
                break;
            case StepKind.Stop:
                await StopAsync(TimeSpan.FromMilliseconds(step.Milliseconds));
                break;
            case StepKind.Start:
                await _bus.StartAsync();
                break;
            case StepKind.Subscribe when _subscribers.Count < 6:
                Subscribe(step);
                break;
            case StepKind.Dispose:
                await DisposeAsync(Choose(step));
                break;
            case StepKind.Redrive:
                _pending.Add(RedriveAsync(Choose(step)));
                break;
        }
    }

    private Subscriber Choose(Step step) => _subscribers[step.Target % _subscribers.Count];

    private static string Id(int number) => number.ToString(CultureInfo.InvariantCulture);

    private Fact NewFact(Step step, int publisher, string? id)
    {
        var number = Interlocked.Increment(ref _numbers);
        return new Fact(number, publisher, step.Key == 0 ? null : $"key-{step.Key}", id ?? Id(number), step.Failures, step.Manner, false);
    }

    private Subscriber NewSubscriber(int shape)
    {
        var subscriber = new Subscriber($"{_subscribers.Count}-{Shape.All[shape].Name}", Shape.All[shape], _history);
        _subscribers.Add(subscriber);
        return subscriber;
    }

    private void Subscribe(Step step)
    {
        lock (_gate)
        {
            var subscriber = NewSubscriber(_program.Shapes[step.Target % _program.Shapes.Length]);
            subscriber.Subscription = _bus.Subscribe<Fact>(
                (fact, context, _) => subscriber.HandleAsync(fact, context, PublishFollowUpAsync),
                s => subscriber.Shape.Configure(s.Named(subscriber.Name)));
        }
    }

    private static async Task DisposeAsync(Subscriber subscriber)
    {
        subscriber.Ends = true;
        await subscriber.Subscription.DisposeAsync();
        subscriber.Ended = true;
    }

    private void Publish(Fact fact)
    {
        var cancellation = new CancellationTokenSource();
        _cancellations.Add(cancellation);
        _pending.Add(PublishAsync(fact, _bus, cancellation.Token));
    }

    private Task PublishFollowUpAsync(Fact fact, IEventPublisher publisher)
    {
        var number = Interlocked.Increment(ref _numbers);
        return PublishAsync(new Fact(number, -1, fact.Key, Id(number), 0, Manner.AtOnce, true) { Cause = fact.Number }, publisher, CancellationToken.None, throws: true);
    }

    private async Task PublishAsync(Fact fact, IEventPublisher publisher, CancellationToken cancellationToken, bool throws = false)
    {
        Subscriber[] before;
        lock (_gate)
            before = [.. _subscribers.Where(static subscriber => !subscriber.Ended)];
        try
        {
            await publisher.PublishAsync(fact, new PublishOptions { Id = fact.Id, Key = fact.Key }, cancellationToken);
            foreach (var subscriber in before)
                subscriber.Accepted(fact.Number);
        }
        catch (QueueFullException error)
        {
            if (throws)
                _history.HandlerWasRefused = true;
            foreach (var subscriber in before.Where(subscriber => error.AcceptedBy.Contains(subscriber.Name)))
                subscriber.Accepted(fact.Number);
            if (throws)
                throw;
        }
        catch (Exception error) when (error is EventBusStoppedException or OperationCanceledException)
        {
            foreach (var subscriber in before)
                subscriber.PerhapsAccepted(fact.Number);
            if (throws)
                throw;
        }

        lock (_gate)
        {
            // Whoever subscribed meanwhile may have been in time.
            foreach (var subscriber in _subscribers.Except(before))
                subscriber.PerhapsAccepted(fact.Number);
        }
    }

    private async Task RedriveAsync(Subscriber subscriber)
    {
        // Those of now: one that dies again comes back with an id of its own.
        foreach (var letter in await _bus.DeadLetters.ListAsync(new() { Subscription = subscriber.Name }, count: 10_000))
        {
            try
            {
                if (await _bus.DeadLetters.RedriveAsync(letter.Id))
                    subscriber.Redriven(((Fact)letter.Event).Number);
            }
            catch (Exception error) when (error is PublishException || (error is InvalidOperationException && subscriber.Ends))
            {
                subscriber.RedrivesWithoutRoom += error is QueueFullException ? 1 : 0;
                return;
            }
        }
    }

    private async Task StopAsync(TimeSpan limit)
    {
        var stop = _bus.StopAsync(limit).AsTask();
        for (var waited = TimeSpan.Zero; !stop.IsCompleted && waited <= limit; waited += s_pace)
        {
            await Task.WhenAny(stop, _bus.WhenQuiet());
            _clock.Advance(s_pace);
        }

        // Cut short, a stop sees handlers at work, and its numbers are of one moment each.
        var receipt = await stop.Soon();
        foreach (var left in receipt.Subscriptions.Where(_ => receipt.Elapsed < limit))
        {
            var counts = left.Statistics;
            _history.Require(counts.Accepted == counts.Settled + left.Abandoned.Count, $"{left.Name} stopped with {left.Abandoned.Count} abandoned and {counts}");
        }
    }

    private async Task EndAsync()
    {
        // A bound of the bus's time: the machine may stand still for any real time.
        for (var round = 0; round < MostRounds; round++)
        {
            await _bus.StartAsync();
            foreach (var subscriber in _subscribers)
                subscriber.Subscription.Resume();
            await _bus.WhenQuiet();
            if (_pending.TrueForAll(static task => task.IsCompleted) && _subscribers.TrueForAll(static subscriber => subscriber.Subscription.Statistics.Waiting == 0))
                break;
            _clock.Advance(s_pace);
            await Task.Yield();
        }

        foreach (var subscriber in _subscribers)
            _history.Require(subscriber.Subscription.Statistics.Waiting == 0, $"{subscriber.Name} never came to an end: {subscriber.Subscription.Statistics}");
        _history.Require(_pending.TrueForAll(static task => task.IsCompleted), "a publisher waits for ever");
        _history.Judge(() => $"{_program}");
        await Task.WhenAll(_pending);
        await _bus.WhenSettled();
        foreach (var subscriber in _subscribers)
            Promises.Check(subscriber, _history, await _bus.DeadLetters.ListAsync(new() { Subscription = subscriber.Name }, count: 10_000));
        await StopAsync(TimeSpan.FromSeconds(30));
        await _bus.DisposeAsync();
        _history.Judge(() => $"{_program}");
    }
}
