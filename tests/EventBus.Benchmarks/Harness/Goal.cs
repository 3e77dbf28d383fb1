namespace EventBus.Benchmarks.Harness;

/// <summary>What a case must reach, and how it is read from a result.</summary>
internal sealed class Goal
{
    // Timers, thread pool threads and the round itself allocate a little whatever the number of events.
    private const double ZeroBytes = 0.5;

    // One of several runs may be this much worse than the goal.
    private const double Slack = 1.2;

    private readonly Func<Measurement, double> _value;
    private readonly double _bound;
    private readonly double? _stretch;
    private readonly Func<double, string> _format;
    private Func<Measurement, double>? _bytesBound;
    private string _bytesText = "";
    private bool _isReported;

    private Goal(Func<Measurement, double> value, double bound, double? stretch, Func<double, string> format)
    {
        _value = value;
        _bound = bound;
        _stretch = stretch;
        _format = format;
    }

    /// <summary>Ours is at most so many times the limit.</summary>
    public static Goal Ratio(double bound, double? stretch = null) =>
        new(static result => result.Ours.Nanoseconds / result.Limit.Nanoseconds, bound, stretch, static value => $"{value:0.00} x");

    /// <summary>Ours takes at most so many nanoseconds more than the limit.</summary>
    public static Goal Difference(double bound, double? stretch = null) =>
        new(static result => result.Ours.Nanoseconds - result.Limit.Nanoseconds, bound, stretch, static value => $"{value:+0.0;-0.0;0.0} ns");

    /// <summary>And allocates nothing.</summary>
    public Goal AndNoBytes()
    {
        _bytesBound = static _ => ZeroBytes;
        _bytesText = ", 0 B";
        return this;
    }

    /// <summary>Nothing to reach: the ratio is reported.</summary>
    public static Goal Reported() =>
        new(static result => result.Ours.Nanoseconds / result.Limit.Nanoseconds, double.PositiveInfinity, null, static value => $"{value:0.00} x") { _isReported = true };

    /// <summary>And allocates at most so many bytes for each event.</summary>
    public Goal AndAtMostBytes(double bytes)
    {
        _bytesBound = _ => bytes;
        _bytesText = $", {bytes:0} B";
        return this;
    }

    /// <summary>And allocates no more than the limit does.</summary>
    public Goal AndNoByteMore()
    {
        _bytesBound = static result => result.Limit.Bytes + ZeroBytes;
        _bytesText = ", no byte more";
        return this;
    }

    public string Text => _isReported ? "reported" : $"<= {_format(_bound)}{(_stretch is { } stretch ? $" ({_format(stretch)})" : "")}{_bytesText}";

    public string Show(Measurement result) => _format(_value(result));

    /// <summary>The median of the runs meets it, and none exceeds it by more than a fifth.</summary>
    public string Judge(IReadOnlyList<Measurement> runs)
    {
        if (_isReported)
            return "";
        var median = Median.Of(runs.Select(_value));
        var worst = runs.Max(_value);
        if (_bytesBound is { } bytesBound && Median.Of(runs.Select(run => run.Ours.Bytes - bytesBound(run))) > 0)
            return "NO (bytes)";
        if (median > _bound)
            return "NO";
        if (worst > _bound * Slack)
            return $"NO (worst {_format(worst)})";
        return _stretch is { } stretch && median <= stretch ? "yes, stretch" : "yes";
    }
}
