using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace EventBus.Sqlite.Tests.Fuzzing;

/// <summary>The event of these tests.</summary>
/// <param name="Number">Its own.</param>
/// <param name="Key">Whose order it keeps.</param>
/// <param name="IsPoison">Whether one subscription refuses it: an even number at once, an odd one is tried again in an hour.</param>
[EventType("measured")]
internal sealed record Measured(int Number, int Key, bool IsPoison = false);

/// <summary>A bus on a file, with a subscription of each kind that has rows of its own, and what its handlers got.</summary>
internal sealed class FuzzedBus : IAsyncDisposable
{
    private const string ByKey = "by-key";
    private const string Once = "once";
    private const string Failing = "failing";
    private const string Fresh = "fresh";

    private readonly object _gate = new();
    private readonly ServiceProvider _services;
    private readonly HashSet<(string Subscription, int Number)> _settled = [];
    private readonly HashSet<int> _replayed = [];
    private readonly List<((string, int)[] Awaited, TaskCompletionSource Signal)> _waiting = [];

    public FuzzedBus(string path, FuzzedLog log)
    {
        var services = new ServiceCollection();
        services.AddSingleton<ILoggerFactory>(log);
        services.AddEventBus(bus => Configure(bus.UseSqlite($"Data Source={path}", static options => options.Synchronous = SqliteSynchronous.Normal)));
        _services = services.BuildServiceProvider();
        Bus = _services.GetRequiredService<IEventBus>();
    }

    public IEventBus Bus { get; }

    /// <summary>Everybody who gets what is published from now on.</summary>
    public static IReadOnlyList<string> All { get; } = [ByKey, Once, Failing, Fresh];

    /// <summary>Completes when each of them has handled the event, or has it among its dead letters.</summary>
    public Task SettledAsync(IEnumerable<int> numbers, IEnumerable<string> subscriptions)
    {
        var awaited = subscriptions.SelectMany(subscription => numbers.Select(number => (subscription, number))).ToArray();
        lock (_gate)
        {
            if (_settled.IsSupersetOf(awaited))
                return Task.CompletedTask;
            var signal = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _waiting.Add((awaited, signal));
            return signal.Task;
        }
    }

    /// <summary>Who has not settled an event.</summary>
    public IReadOnlyList<string> WithoutEvent(int number)
    {
        lock (_gate)
            return [.. All.Where(subscription => !_settled.Contains((subscription, number)))];
    }

    /// <summary>Whether an event was given to any of them as a part of a replay.</summary>
    public bool WasReplayed(int number)
    {
        lock (_gate)
            return _replayed.Contains(number);
    }

    public ValueTask DisposeAsync() => _services.DisposeAsync();

    private void Configure(EventBusBuilder bus) => bus
        .OnDeadLetter((letter, _) =>
        {
            if (letter.Event is Measured measured)
                return Settle(letter.Subscription, measured, isReplay: false);
            return default;
        })
        .Handle<Measured>(
            (measured, context, _) => Settle(ByKey, measured, context.IsReplay),
            static s => s.Named(ByKey).Durable(LogPosition.Earliest).Concurrency(2).OrderedBy(static measured => measured.Key).Retry(RetryPolicy.Immediate(2)))
        .Handle<Measured>(
            (measured, context, _) => Settle(Once, measured, context.IsReplay),
            static s => s.Named(Once).Durable(LogPosition.Earliest).Idempotent().Retry(RetryPolicy.Immediate(2)))
        .Handle<Measured>(
            (measured, context, _) => measured.IsPoison ? throw Refusal(measured) : Settle(Failing, measured, context.IsReplay),
            static s => s.Named(Failing).Durable(LogPosition.Earliest).Concurrency(2).OrderedBy(static measured => measured.Key).Retry(RetryPolicy.Fixed(3, TimeSpan.FromHours(1))))
        .Handle<Measured>(
            (measured, context, _) => Settle(Fresh, measured, context.IsReplay),
            static s => s.Named(Fresh).Durable(LogPosition.Earliest).Retry(RetryPolicy.Immediate(2)));

    private static Exception Refusal(Measured measured) => measured.Number % 2 == 0 ? new DoNotRetryException("It is poison.") : new PlannedException();

    private ValueTask Settle(string subscription, Measured measured, bool isReplay)
    {
        lock (_gate)
        {
            _settled.Add((subscription, measured.Number));
            if (isReplay)
                _replayed.Add(measured.Number);
            foreach (var (awaited, signal) in _waiting)
            {
                if (_settled.IsSupersetOf(awaited))
                    signal.TrySetResult();
            }
        }

        return default;
    }
}

/// <summary>What a handler of these tests throws.</summary>
internal sealed class PlannedException : Exception;
