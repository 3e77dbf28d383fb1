using System.Text.Json;
using Microsoft.Extensions.Logging;

namespace EventBus.Sqlite.Tests.Fuzzing;

/// <summary>Keeps of what a bus logs what no file may make it log: a line that is forged, and an exception that is not documented.</summary>
internal sealed class FuzzedLog : ILoggerFactory, ILogger
{
    private const int LongestLine = 16 * 1024;

    private readonly List<string> _mistakes = [];
    private readonly TaskCompletionSource _failed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Completes when a log has failed: the bus has stopped using it.</summary>
    public Task Failed => _failed.Task;

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
        if (eventId.Name == "LogFailed")
            _failed.TrySetResult();
        lock (_mistakes)
        {
            if (logLevel == LogLevel.Critical && eventId.Name != "LogFailed")
                _mistakes.Add($"logged as critical: {text} {exception}");
            if (text.AsSpan().IndexOfAny("\r\n\0") >= 0 || text.Contains('\u001B', StringComparison.Ordinal))
                _mistakes.Add($"message {eventId.Id} is forged: {text}");
            if (text.Length > LongestLine)
                _mistakes.Add($"message {eventId.Id} has {text.Length} characters: {text[..200]}");
            if (exception is not (null or EventBusConfigurationException or PublishException or PlannedException or DoNotRetryException or OperationCanceledException or JsonException or AttemptInterruptedException))
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
