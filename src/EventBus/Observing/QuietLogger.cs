using Microsoft.Extensions.Logging;

namespace EventBus.Observing;

/// <summary>Keeps a logging provider that throws from costing anybody an event, and text from outside from forging a line, whichever value of a line it is.</summary>
internal sealed class QuietLogger(ILogger inner) : ILogger
{
    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => inner.BeginScope(state);

    public bool IsEnabled(LogLevel logLevel)
    {
        try
        {
            return inner.IsEnabled(logLevel);
        }
        catch (Exception)
        {
            return false;
        }
    }

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        try
        {
            Write(logLevel, eventId, state, exception, formatter);
        }
        catch (Exception) when (exception is not null && !ExceptionText.IsReadable(exception))
        {
            // A provider writes the exception with the line, and this one gives no text: that would have cost the line.
#pragma warning disable CA1873 // The level was asked for by the caller.
            Log(logLevel, eventId, state, new UnreadableException(ExceptionText.MessageOf(exception)), formatter);
#pragma warning restore CA1873
        }
        catch (Exception)
        {
            // A failure to log cannot be logged.
        }
    }

    private void Write<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (state is IReadOnlyList<KeyValuePair<string, object?>> values && SafeLine.Of(values) is { } safe)
            inner.Log(logLevel, eventId, safe, exception, static (line, _) => line.ToString());
        else
            inner.Log(logLevel, eventId, state, exception, formatter);
    }

    /// <summary>Stands for an exception whose text cannot be read.</summary>
    private sealed class UnreadableException(string message) : Exception(message);
}
