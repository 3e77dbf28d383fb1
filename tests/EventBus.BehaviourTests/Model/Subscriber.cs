namespace EventBus.BehaviourTests.Model;

/// <summary>One subscription of a program: its handler, and what the program knows that it was given.</summary>
internal sealed class Subscriber(string name, Shape shape, History history)
{
    private readonly object _gate = new();
    private readonly HashSet<int> _known = [];
    private readonly HashSet<int> _perhaps = [];
    private readonly Dictionary<int, int> _redrives = [];
    private readonly Dictionary<int, int> _refusals = [];
    private readonly HashSet<string> _keysRunning = [];
    private int _running;

    public string Name => name;

    public Shape Shape => shape;

    public ISubscription Subscription { get; set; } = null!;

    /// <summary>Somebody has begun to dispose it.</summary>
    public bool Ends { get; set; }

    /// <summary>It is disposed.</summary>
    public bool Ended { get; set; }

    public IReadOnlyCollection<int> Known => _known;

    public IReadOnlyCollection<int> Perhaps => _perhaps;

    public int Redrives => _redrives.Values.Sum();

    /// <summary>Redrives that found no room. Where the newest is dropped the attempt counts as one accepted and dropped; the letter stays.</summary>
    public int RedrivesWithoutRoom { get; set; }

    public int RedrivesOf(int number) => _redrives.GetValueOrDefault(number);

    public void Accepted(int number)
    {
        lock (_gate)
            (Ends ? _perhaps : _known).Add(number);
    }

    public void PerhapsAccepted(int number)
    {
        lock (_gate)
            _perhaps.Add(number);
    }

    public void Redriven(int number)
    {
        lock (_gate)
            _redrives[number] = _redrives.GetValueOrDefault(number) + 1;
    }

    /// <summary>The handler.</summary>
    public async ValueTask HandleAsync(Fact fact, EventContext context, Func<Fact, IEventPublisher, Task> publish)
    {
        var attempt = Enter(fact, context.Attempt);
        try
        {
            if (context.Id != fact.Id)
                history.Violation($"{name} was shown id {context.Id} for {fact}");
            if (fact.Manner == Manner.Yields)
                await Task.Yield();
            if (context.Attempt <= fact.Failures)
                throw new InvalidOperationException("fails as planned");
            if (fact.Manner == Manner.Follows)
                await PublishAsync(fact, context.Publisher, publish);
            if (context.Id != fact.Id || context.Attempt != attempt.Number)
                history.Violation($"the context of {fact} in {name} changed while it was handled");
            attempt.Result = Result.Handled;
        }
        catch (QueueFullException)
        {
            attempt.Result = Result.Postponed;
            throw;
        }
        catch
        {
            attempt.Result = Result.Failed;
            throw;
        }
        finally
        {
            Leave(fact);
        }
    }

    // A queue full of events that all publish into it would never empty: whoever was refused often enough goes without.
    private async Task PublishAsync(Fact fact, IEventPublisher publisher, Func<Fact, IEventPublisher, Task> publish)
    {
        try
        {
            await publish(fact, publisher);
        }
        catch (QueueFullException) when (GivesUp(fact.Number))
        {
        }
    }

    private bool GivesUp(int number)
    {
        lock (_gate)
            return (_refusals[number] = _refusals.GetValueOrDefault(number) + 1) > 2;
    }

    private Attempt Enter(Fact fact, int number)
    {
        lock (_gate)
        {
            if (Ended)
                history.Violation($"{name} was given {fact} after it was disposed");
            if (++_running > shape.Concurrency)
                history.Violation($"{name} handles {_running} at once");
            if (shape.KeyOf(fact) is { } key && !_keysRunning.Add(key))
                history.Violation($"{name} handles two of key {key} at once");
            return history.Begin(name, fact, number);
        }
    }

    private void Leave(Fact fact)
    {
        lock (_gate)
        {
            _running--;
            if (shape.KeyOf(fact) is { } key)
                _keysRunning.Remove(key);
        }
    }
}
