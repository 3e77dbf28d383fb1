using Microsoft.Extensions.Logging;

namespace EventBus.BehaviourTests.Settings;

/// <summary>Keeps what a trial's bus logs, and says what of it must not be there.</summary>
internal sealed class TrialLog : ILoggerFactory, ILogger
{
    private const int LongestLine = 16 * 1024;

    private readonly List<string> _mistakes = [];

    public IReadOnlyList<string> Mistakes
    {
        get
        {
            lock (_mistakes)
                return [.. _mistakes];
        }
    }

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        var text = formatter(state, exception);
        lock (_mistakes)
        {
            if (logLevel == LogLevel.Critical)
                _mistakes.Add($"logged as critical: {text}");
            if (text.AsSpan().IndexOfAny("\r\n\u2028\u2029") >= 0)
                _mistakes.Add($"message {eventId.Id} has a line break: {text}");
            if (text.Length > LongestLine)
                _mistakes.Add($"message {eventId.Id} has {text.Length} characters");
            if (exception is not (null or PlannedException or RetryAfterException or DoNotRetryException or OperationCanceledException or TimeoutException or PublishException))
                _mistakes.Add($"message {eventId.Id} logs {exception}");
        }
    }

    public ILogger CreateLogger(string categoryName) => this;

    public void AddProvider(ILoggerProvider provider)
    {
    }

    public void Dispose()
    {
    }
}
