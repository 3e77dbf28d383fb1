namespace EventBus.BehaviourTests.Model;

/// <summary>What handlers saw, in the order in which they saw it.</summary>
internal sealed class History
{
    private readonly object _gate = new();
    private readonly List<Attempt> _attempts = [];
    private readonly List<string> _violations = [];

    public IReadOnlyList<Attempt> Attempts => _attempts;

    /// <summary>Whether what a handler published found no room. From then on what stands behind a publisher may have to give way.</summary>
    public bool HandlerWasRefused { get; set; }

    public Attempt Begin(string subscriber, Fact fact, int number)
    {
        var attempt = new Attempt(subscriber, fact, number);
        lock (_gate)
            _attempts.Add(attempt);
        return attempt;
    }

    public void Violation(string text)
    {
        lock (_gate)
            _violations.Add(text);
    }

    public void Require(bool promise, string text)
    {
        if (!promise)
            Violation(text);
    }

    public void Judge(Func<string> circumstances)
    {
        lock (_gate)
        {
            if (_violations.Count > 0)
                throw new InvalidOperationException(string.Join("\n", _violations.Append(circumstances()).Concat(_attempts.Select(static attempt => attempt.ToString()))));
        }
    }
}

internal enum Result
{
    Running,
    Handled,
    Failed,
    Postponed,
}

/// <summary>One call of a handler.</summary>
internal sealed class Attempt(string subscriber, Fact fact, int number)
{
    public string Subscriber => subscriber;

    public Fact Fact => fact;

    public int Number => number;

    public Result Result { get; set; }

    /// <summary>Whether the delivery comes again.</summary>
    public bool IsFollowed => Result is Result.Postponed || (Result is Result.Failed && number < Shape.MaxAttempts);

    public bool IsBuried => Result is Result.Failed && number >= Shape.MaxAttempts;

    public override string ToString() => $"  {subscriber}: {fact}, attempt {number}: {Result}";
}
