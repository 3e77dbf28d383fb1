using Microsoft.Extensions.Logging;

namespace EventBus.UnitTests.Support;

/// <summary>A logger that keeps what it is told.</summary>
internal sealed class LogLines : ILogger
{
    private readonly List<(int Id, string Text, Exception? Error)> _lines = [];

    public IReadOnlyList<int> Ids => [.. _lines.Select(static line => line.Id)];

    public IReadOnlyList<string> Texts => [.. _lines.Select(static line => line.Text)];

    public IReadOnlyList<Exception?> Errors => [.. _lines.Select(static line => line.Error)];

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        _lines.Add((eventId.Id, formatter(state, exception), exception));
}
