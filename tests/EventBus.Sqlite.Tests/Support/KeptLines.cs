using Microsoft.Extensions.Logging;

namespace EventBus.Sqlite.Tests.Support;

/// <summary>Keeps what is logged.</summary>
internal sealed class KeptLines : ILoggerFactory, ILogger
{
    private readonly List<(LogLevel Level, int Id, string Text)> _lines = [];

    /// <summary>What the logger throws after it has kept a line; nothing where it works.</summary>
    public Exception? Fault { get; set; }

    public IReadOnlyList<(LogLevel Level, int Id, string Text)> Lines
    {
        get
        {
            lock (_lines)
                return [.. _lines];
        }
    }

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        lock (_lines)
            _lines.Add((logLevel, eventId.Id, formatter(state, exception)));
        if (Fault is { } fault)
            throw fault;
    }

    public ILogger CreateLogger(string categoryName) => this;

    public void AddProvider(ILoggerProvider provider)
    {
    }

    public void Dispose()
    {
    }
}
