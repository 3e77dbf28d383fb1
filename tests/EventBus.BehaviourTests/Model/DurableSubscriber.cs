using System.Collections.Concurrent;
using EventBus.BehaviourTests.Faults;

namespace EventBus.BehaviourTests.Model;

/// <summary>One durable subscription of a program, over all lives of its bus: its handler, and what it did.</summary>
internal sealed class DurableSubscriber(string name, DurableShape shape, Func<string, long> generationOf)
{
    private readonly object _gate = new();
    private readonly List<Handling> _handled = [];
    private readonly HashSet<int> _buried = [];
    private readonly Dictionary<int, long> _settledByLetter = [];
    private readonly HashSet<int> _redriven = [];
    private readonly HashSet<int> _mayMiss = [];
    private readonly List<string> _violations = [];
    private readonly HashSet<string> _keysRunning = [];
    private readonly List<Replay> _replays = [];
    private readonly ConcurrentDictionary<(string Scope, string Id), bool> _completed = new();
    private int _running;
    private int _crashes;

    public string Name => name;

    public DurableShape Shape => shape;

    public IReadOnlyList<Handling> Handled => _handled;

    public IReadOnlyList<string> Violations => _violations;

    /// <summary>Whether it ever gave up an event: that one has left its order.</summary>
    public bool HasBuried(int number)
    {
        lock (_gate)
            return _buried.Contains(number);
    }

    /// <summary>Whether the event was ever delivered again, by a replay or from its dead letter.</summary>
    public bool CameAgain(int number)
    {
        lock (_gate)
            return _replays.Count > 0 || _redriven.Contains(number);
    }

    /// <summary>Whether it has to get an event, in its order.</summary>
    public bool IsDue(int number) => !_mayMiss.Contains(number);

    /// <summary>It begins after these, or is moved past them: it need not get them, and may get them later by a replay.</summary>
    public void MayMiss(IEnumerable<int> numbers)
    {
        lock (_gate)
            _mayMiss.UnionWith(numbers.Except(_handled.Select(static handling => handling.Fact.Number)).ToList());
    }

    /// <summary>A dead letter is committed: only a redrive or a replay delivers that event again.</summary>
    public void Bury(int number)
    {
        lock (_gate)
        {
            _buried.Add(number);
            // From its first redrive on a replay and a letter may deliver it side by side.
            if (!_redriven.Contains(number))
                _settledByLetter[number] = generationOf(name);
        }
    }

    public void Redrive(int number)
    {
        lock (_gate)
        {
            _redriven.Add(number);
            _settledByLetter.Remove(number);
        }
    }

    /// <summary>It is moved back: from now on it has to handle these once more.</summary>
    public void Replays(long generation, IEnumerable<long> sequences)
    {
        lock (_gate)
            _replays.Add(new(generation, _handled.Count, [.. sequences]));
    }

    /// <summary>What the last replay had to give it and did not.</summary>
    /// <param name="generation">The one that the log has in the end: a replay whose commit failed has none.</param>
    public IReadOnlyList<long> MissedByReplay(long generation)
    {
        lock (_gate)
            return _replays.LastOrDefault(replay => replay.Generation == generation) is { } last ? [.. last.Sequences.Except(_handled.Skip(last.Begun).Select(static handling => handling.Sequence))] : [];
    }

    public void Complete(string scope, string id) => _completed[(scope, id)] = true;

    /// <summary>What ran has gone with its process.</summary>
    public void Crash()
    {
        lock (_gate)
        {
            _crashes++;
            _running = 0;
            _keysRunning.Clear();
        }
    }

    /// <param name="fact">The event.</param>
    /// <param name="context">Its context.</param>
    /// <param name="life">The process in which it is handled.</param>
    /// <param name="held">Completes when handlers go on that are held.</param>
    public async ValueTask HandleAsync(Fact fact, EventContext context, Incarnation life, Func<Task> held)
    {
        life.Do(() => Enter(fact, context));
        try
        {
            if (fact.Manner == Manner.Yields)
                await Task.Yield();
            if (fact.Manner == Manner.Holds)
                await held();
            if (context.Attempt <= fact.Failures)
                throw new InvalidOperationException("fails as planned");
            life.Do(() => Add(new(fact, context.Sequence!.Value, context.IsReplay, _crashes, generationOf(name)))); // It is durable.
        }
        finally
        {
            life.Do(() => Leave(fact));
        }
    }

    private void Enter(Fact fact, EventContext context)
    {
        lock (_gate)
        {
            if (++_running > shape.Concurrency)
                _violations.Add($"{name} handles {_running} at once");
            if (shape.KeyOf(fact) is { } key && !_keysRunning.Add(key))
                _violations.Add($"{name} handles two of key {key} at once");
            if (_settledByLetter.TryGetValue(fact.Number, out var generation) && generation == generationOf(name))
                _violations.Add($"{name} was given {fact} again although its dead letter was committed");
            var scope = context.IsReplay ? $"{name}/replay-{generationOf(name)}" : name;
            if (_completed.ContainsKey((scope, context.Id)))
                _violations.Add($"{name} was given {fact} again after its completion was committed in {scope}");
        }
    }

    private void Add(Handling handling)
    {
        lock (_gate)
        {
            if (!handling.IsReplay && _handled.Exists(earlier => !earlier.IsReplay && earlier.Sequence == handling.Sequence && earlier.Crashes == handling.Crashes))
                _violations.Add($"{name} handled {handling.Fact} again, and no process had died since");
            _handled.Add(handling);
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

/// <summary>An effect of a handler.</summary>
/// <param name="Fact">The event.</param>
/// <param name="Sequence">Its number in the log.</param>
/// <param name="IsReplay">Whether it was delivered as one that had been delivered before.</param>
/// <param name="Crashes">How many processes had died by then.</param>
/// <param name="Generation">How many replays had begun by then.</param>
internal sealed record Handling(Fact Fact, long Sequence, bool IsReplay, int Crashes, long Generation);

/// <summary>What a replay has to deliver.</summary>
/// <param name="Generation">The one that it begins.</param>
/// <param name="Begun">How much had been handled by then.</param>
/// <param name="Sequences">What was in the log when it was committed, up to where the subscription had read.</param>
internal sealed record Replay(long Generation, int Begun, IReadOnlyList<long> Sequences);
