using EventBus.Observing;
using EventBus.UnitTests.Support;
using Microsoft.Extensions.Logging;

namespace EventBus.UnitTests.Observing;

public sealed class QuietLoggerTests
{
    private const string Forged = "order\r\nfail: EventBus[700] all is lost";

    private readonly LogLines _lines = new();

    [Fact]
    public void No_value_of_a_line_makes_another_line_whichever_it_is()
    {
        var log = new QuietLogger(_lines);

        LogMessages.SubscriptionUnclaimed(log, Forged, 7, 2, 9);
        LogMessages.StreamPassedOver(log, Forged, 1, Forged, Forged, Forged);
        LogMessages.DeadLettered(log, null, Forged, Forged, Forged, 3, DeadLetterReason.Unreadable, Forged);

        Assert.Equal(3, _lines.Texts.Count);
        Assert.All(_lines.Texts, static text => Assert.DoesNotContain(text, char.IsControl));
        Assert.StartsWith("The log knows durable subscription order\\u000D\\u000Afail: EventBus[700] all is lost, and no handler has it: it stands at event 7, with 2 deliveries waiting and the log's head at 9.", _lines.Texts[0], StringComparison.Ordinal);
        Assert.EndsWith("gave up order\\u000D\\u000Afail: EventBus[700] all is lost order\\u000D\\u000Afail: EventBus[700] all is lost after 3 attempts: Unreadable, order\\u000D\\u000Afail: EventBus[700] all is lost. It is kept as a dead letter.", _lines.Texts[2], StringComparison.Ordinal);
    }

    [Fact]
    public void A_line_keeps_the_names_of_its_values_and_is_what_it_was_where_all_are_safe()
    {
        var states = new List<IReadOnlyList<KeyValuePair<string, object?>>>();
        var log = new QuietLogger(new Collecting(states));

        LogMessages.DeliveryGone(log, "stock", 5);
        LogMessages.DeliveryGone(log, "st\nock", 5);

        Assert.Equal(["Subscription", "Sequence", "{OriginalFormat}"], states[0].Select(static value => value.Key));
        Assert.Equal(states[0].Select(static value => value.Key), states[1].Select(static value => value.Key));
        Assert.Equal(["stock", "st\\u000Aock"], states.Select(static state => (string)state[0].Value!));
        Assert.Equal(5L, states[1][1].Value);
    }

    [Fact]
    public void A_line_about_an_exception_that_does_not_give_its_text_is_logged_all_the_same()
    {
        var log = new QuietLogger(new Printing(_lines));

        LogMessages.LogReadFailed(log, new Silent(), "stock");

        Assert.Equal("The event log could not be read for subscription stock.", Assert.Single(_lines.Texts));
    }

    private sealed class Silent : Exception
    {
        public override string Message => throw new InvalidOperationException("no message");

        public override string ToString() => throw new InvalidOperationException("no text");
    }

    private sealed class Printing(ILogger inner) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            _ = exception?.ToString();
            inner.Log(logLevel, eventId, state, exception, formatter);
        }
    }

    private sealed class Collecting(List<IReadOnlyList<KeyValuePair<string, object?>>> states) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            states.Add((IReadOnlyList<KeyValuePair<string, object?>>)state!);
    }
}
