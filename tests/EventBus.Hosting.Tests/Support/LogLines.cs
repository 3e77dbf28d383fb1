using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace EventBus.Hosting.Tests.Support;

/// <summary>Keeps what is logged under the names of the bus.</summary>
internal sealed class LogLines : ILoggerProvider
{
    private readonly ConcurrentQueue<LogLine> _lines = new();

    /// <summary>What the hosting package logged.</summary>
    public IReadOnlyList<LogLine> Hosting => [.. _lines.Where(static line => line.Category == "EventBus.Hosting")];

    /// <summary>What the bus itself logged.</summary>
    public IReadOnlyList<LogLine> Bus => [.. _lines.Where(static line => line.Category == "EventBus")];

    /// <summary>Called for each line.</summary>
    public Action<LogLine> OnLine { get; set; } = static _ => { };

    public ILogger CreateLogger(string categoryName) => new Logger(this, categoryName);

    public void Dispose()
    {
    }

    private sealed class Logger(LogLines lines, string category) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            var line = new LogLine(category, logLevel, eventId.Id, formatter(state, exception));
            lines._lines.Enqueue(line);
            lines.OnLine(line);
        }
    }
}

internal sealed record LogLine(string Category, LogLevel Level, int Id, string Text);
