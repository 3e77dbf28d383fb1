using System.Diagnostics;
using System.Diagnostics.Metrics;
using EventBus.Telemetry.Tests.Support;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace EventBus.Telemetry.Tests;

/// <summary>A listener that throws is no failure of a publish or a handler.</summary>
public sealed class FailingListenerTests : ILoggerProvider, ILogger
{
    private readonly List<(int Id, LogLevel Level)> _lines = [];

    public enum Throws
    {
        WhenItIsAsked,
        WhenASpanBegins,
        WhenASpanEnds,
        WhenItIsMeasured,
    }

    [Theory]
    [InlineData(Throws.WhenItIsAsked, false)]
    [InlineData(Throws.WhenItIsAsked, true)]
    [InlineData(Throws.WhenASpanBegins, false)]
    [InlineData(Throws.WhenASpanBegins, true)]
    [InlineData(Throws.WhenASpanEnds, false)]
    [InlineData(Throws.WhenASpanEnds, true)]
    [InlineData(Throws.WhenItIsMeasured, false)]
    [InlineData(Throws.WhenItIsMeasured, true)]
    public async Task Handlers_run_once_and_publishers_are_told_nothing(Throws when, bool isInline)
    {
        using var tracing = Tracing(when);
        using var metering = Metering(when);
        var handled = new List<string>();
        await using var provider = new ServiceCollection()
            .AddLogging(logging => logging.AddProvider(this))
            .AddEventBus(bus => bus.Named("shop")
                .Handle<OrderPlaced>((_, _, _) => Keep("first"), s => Mode(s.Named("first"), isInline))
                .Handle<OrderPlaced>((_, _, _) => Keep("second"), s => Mode(s.Named("second"), isInline)))
            .BuildServiceProvider();
        var bus = provider.GetRequiredService<IEventBus>();

        await bus.PublishAsync(new OrderPlaced("1"));
        await bus.PublishManyAsync([new OrderPlaced("2")]);
        await bus.ScheduleAsync(new OrderPlaced("3"), TimeSpan.Zero);
        await bus.WhenSettled();

        Assert.Equal(["first", "first", "first", "second", "second", "second"], handled.Order());
        Assert.All(bus.Subscriptions, static subscription => Assert.Equal((3, 0, 0), (subscription.Statistics.Handled, subscription.Statistics.Retried, subscription.Statistics.Failed)));
        Assert.Null(Activity.Current);
        Assert.Contains((10, LogLevel.Error), _lines);
        Assert.DoesNotContain(_lines, static line => line.Id != 10 && line.Level >= LogLevel.Warning);

        ValueTask Keep(string name)
        {
            lock (handled)
                handled.Add(name);
            return default;
        }
    }

    ILogger ILoggerProvider.CreateLogger(string categoryName) => this;

    IDisposable? ILogger.BeginScope<TState>(TState state) => null;

    bool ILogger.IsEnabled(LogLevel logLevel) => true;

    void ILogger.Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        lock (_lines)
            _lines.Add((eventId.Id, logLevel));
    }

    void IDisposable.Dispose()
    {
    }

    private static void Mode(SubscriptionBuilder<OrderPlaced> subscription, bool isInline)
    {
        if (isInline)
            subscription.Inline();
    }

    private static ActivityListener Tracing(Throws when)
    {
        var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == "EventBus" && when != Throws.WhenItIsMeasured,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => when == Throws.WhenItIsAsked ? throw new InvalidOperationException() : ActivitySamplingResult.AllData,
            ActivityStarted = _ => ThrowIf(when == Throws.WhenASpanBegins),
            ActivityStopped = _ => ThrowIf(when == Throws.WhenASpanEnds),
        };
        ActivitySource.AddActivityListener(listener);
        return listener;
    }

    private static MeterListener Metering(Throws when)
    {
        var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, listening) =>
        {
            if (instrument.Meter.Name == "EventBus" && when == Throws.WhenItIsMeasured)
                listening.EnableMeasurementEvents(instrument);
        };
        listener.SetMeasurementEventCallback<long>(static (_, _, _, _) => throw new InvalidOperationException());
        listener.SetMeasurementEventCallback<double>(static (_, _, _, _) => throw new InvalidOperationException());
        listener.Start();
        return listener;
    }

    private static void ThrowIf(bool now)
    {
        if (now)
            throw new InvalidOperationException();
    }
}
