using System.Globalization;

namespace EventBus.Testing;

/// <summary>An event that a test waits for.</summary>
internal sealed class Expectation<T>(HistoryRecorder recorder, Func<T, bool>? which, RecordedEvent? causedBy, string? text)
{
    private RecordedEvent? _found;

    public bool IsMet => (_found ??= Candidates().FirstOrDefault(Fits)) is not null;

    public T Found => (T)_found!.Event; // Asked for when it is met.

    public ExpectationFailedException Failed(TimeSpan within)
    {
        var others = Candidates().Where(static recorded => recorded.Event is T).ToList();
        var message = $"Expected {typeof(T).Name}{(text is null ? "" : $" for which {text}")}"
            + (causedBy is null ? "" : $", caused by {FlowText.Of(causedBy.Event)}")
            + $", and none was published{(within == TimeSpan.Zero ? "" : string.Create(CultureInfo.InvariantCulture, $" within {within:c} of the bus's time"))}.";
        if (others.Count > 0)
            message += $"{Environment.NewLine}Of {typeof(T).Name} there were, and did not fit:{string.Concat(others.Select(static other => $"{Environment.NewLine}  {FlowText.Of(other.Event)}"))}";
        return new ExpectationFailedException($"{message}{Environment.NewLine}What came instead:{Environment.NewLine}{causedBy?.ToString() ?? recorder.History.ToString()}");
    }

    private bool Fits(RecordedEvent recorded) => recorded is { IsAccepted: true, Event: T of } && (which is null || which(of));

    private IEnumerable<RecordedEvent> Candidates() => causedBy is null ? recorder.History.Events : Descendants(causedBy);

    private static IEnumerable<RecordedEvent> Descendants(RecordedEvent cause) => cause.Effects.SelectMany(static effect => Descendants(effect).Prepend(effect));
}
