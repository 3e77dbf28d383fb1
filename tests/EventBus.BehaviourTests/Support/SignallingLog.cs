using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace EventBus.BehaviourTests.Support;

/// <summary>Keeps what is logged, and gives a signal when a certain line comes.</summary>
internal sealed class SignallingLog(Func<string, bool> awaited, TaskCompletionSource signal) : ILoggerFactory, ILogger
{
    private readonly List<string> _lines = [];
    private readonly List<(LogLevel Level, int Id, string Line, Exception? Error)> _entries = [];

    public IReadOnlyList<string> Lines
    {
        get
        {
            lock (_lines)
                return [.. _lines];
        }
    }

    /// <summary>The same, with what else a provider gets.</summary>
    public IReadOnlyList<(LogLevel Level, int Id, string Line, Exception? Error)> Entries
    {
        get
        {
            lock (_lines)
                return [.. _entries];
        }
    }

    /// <summary>Lets time go on in steps until the signal comes: each step makes one thing due, which then runs on the thread pool.</summary>
    public async Task AdvanceUntilAsync(FakeTimeProvider clock, TimeSpan step, Task until)
    {
        while (!until.IsCompleted)
        {
            clock.Advance(step);
            await Task.Yield();
        }

        await until.Soon();
    }

    public void AddProvider(ILoggerProvider provider)
    {
    }

    public ILogger CreateLogger(string categoryName) => this;

    public void Dispose()
    {
    }

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        var line = formatter(state, exception);
        lock (_lines)
        {
            _lines.Add(line);
            _entries.Add((logLevel, eventId.Id, line, exception));
        }

        if (awaited(line))
            signal.TrySetResult();
    }
}

/// <summary>A container with a bus and that log.</summary>
internal sealed class ServiceCollectionWithLog(SignallingLog log)
{
    public ProviderWithBus Build(Action<EventBusBuilder> configure)
    {
        var services = new ServiceCollection();
        services.AddSingleton<ILoggerFactory>(log);
        services.AddEventBus(configure);
        return new ProviderWithBus(services.BuildServiceProvider(validateScopes: true));
    }
}

/// <summary>A container and its bus, disposed together.</summary>
internal sealed class ProviderWithBus(ServiceProvider provider) : IAsyncDisposable
{
    public IEventBus Bus { get; } = provider.GetRequiredService<IEventBus>();

    public ValueTask DisposeAsync() => provider.DisposeAsync();
}
