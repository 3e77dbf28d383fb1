using EventBus.BehaviourTests.Support;
using EventBus.Storage;

namespace EventBus.BehaviourTests.Faults;

/// <summary>What becomes of one call to the log.</summary>
internal enum LogFault
{
    /// <summary>It fails, and may be tried again.</summary>
    Transient,

    /// <summary>It fails, and nobody knows what was written.</summary>
    Fatal,

    /// <summary>A commit that succeeds, and of which nobody hears.</summary>
    AfterCommit,

    /// <summary>The process dies in it.</summary>
    PowerLoss,
}

/// <summary>A bus on a log that fails once, and the application around it: it tries again what may be tried again, stops and starts the bus whose log has failed,
/// and begins anew when its process has died.</summary>
/// <remarks>Time goes on only where nothing else can move, or where the bus is known to wait until it tries again what has failed.</remarks>
internal sealed class FaultyProcess(LogFault fault, int failing, Action<EventBusBuilder, Incarnation> configure) : IDisposable
{
    // One fails over the fault, one over the bus that has failed with it.
    private const int MostAttempts = 3;
    private const int MostSteps = 1_000;

    // After so long the bus tries again what has failed.
    private static readonly TimeSpan s_again = TimeSpan.FromSeconds(1);

    private readonly object _gate = new();
    private readonly InMemoryEventLog _disk = new();
    private readonly TaskCompletionSource _falls = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private FaultyLog _log = null!; // The first life makes them.
    private IEventBus _bus = null!;
    private Incarnation _life = null!;
    private int _lives = 1;
    private volatile string? _putOff;
    private string _where = "no call";
    private volatile bool _mustRecover;

    public SteppedClock Clock { get; } = new();

    /// <summary>What is on the disk, whatever the bus says.</summary>
    public IEventLog Disk => _disk;

    /// <summary>Whether the fault came.</summary>
    public bool Fell => _falls.Task.IsCompleted;

    /// <summary>Whether nobody knows what the bus did last.</summary>
    private bool IsDead => fault == LogFault.PowerLoss && _mustRecover;

    /// <summary>Tells of each delivery whose completion is on the disk.</summary>
    public Action<IdempotencyKey> Completed { get; init; } = static _ => { };

    public void Begin()
    {
        _log = new FaultyLog(_disk.Share()) { Completed = key => Completed(key) };
        _log.Fault = Pass;
        _life = new Incarnation();
        var builder = new EventBusBuilder().UseEventLog(_log).UseTimeProvider(Clock).UseSeed(_lives++);
        configure(builder, _life);
        _bus = builder.Build();
    }

    /// <summary>Does something with the started bus until the bus says that it is done.</summary>
    public async Task<T> DoAsync<T>(Func<IEventBus, ValueTask<T>> act)
    {
        for (var attempt = 1; ; attempt++)
        {
            await RecoverAsync();
            try
            {
                await _bus.StartAsync();
                var acting = act(_bus).AsTask();
                await WaitAsync(acting, () => IsDead);
                if (!IsDead)
                    return await acting;
            }
            catch (PublishException) when (Fell && attempt < MostAttempts)
            {
                // The fault, or that there was one: it is looked after, and then tried again.
            }
        }
    }

    /// <inheritdoc cref="DoAsync{T}"/>
    public async Task DoAsync(Func<IEventBus, ValueTask> act) => await DoAsync(async bus =>
    {
        await act(bus);
        return true;
    });

    /// <summary>Lets time go on until all is settled.</summary>
    public async Task SettleAsync()
    {
        for (var steps = 0; ; steps++)
        {
            Assert.True(steps < MostSteps, $"{this}: something is left to do, and time goes on and on. {string.Join(", ", _bus.Subscriptions.Select(static subscription => $"{subscription.Name}: {subscription.Statistics}"))}");
            await StartAsync();
            await WaitAsync(_bus.WhenQuiet(), () => _mustRecover);
            // While something was put off, time went on although the bus may have been quiet by then.
            if (_mustRecover || !_bus.WhenQuiet().IsCompleted)
                continue;
            if (_bus.IsSettled() && !_disk.ReadScheduled(1).Any(scheduled => scheduled.Due <= Clock.GetUtcNow()))
                return;
            Assert.True(Clock.TryStep(), $"{this}: something is left to do, and nothing waits for time.");
        }
    }

    /// <summary>Stops the bus, and starts it again.</summary>
    public async Task StopAsync()
    {
        await RecoverAsync();
        var stopping = _bus.StopAsync().AsTask();
        await WaitAsync(stopping, () => IsDead);
        if (!IsDead)
            Assert.True((await stopping).IsComplete);
        await StartAsync();
    }

    public void Dispose()
    {
        Abandon();
        _disk.Dispose();
    }

    public override string ToString() => $"{fault} at {_where}";

    private Task StartAsync() => DoAsync(static _ => default);

    private async Task RecoverAsync()
    {
        if (!_mustRecover)
            return;
        _mustRecover = false;
        if (fault == LogFault.PowerLoss)
        {
            Abandon();
            Clock.Forget();
            Begin();
            return;
        }

        await _bus.StopAsync().AsTask().Soon();
    }

    // Its threads must end; what they still do reaches nobody.
    private void Abandon() => _ = _bus.StopAsync(TimeSpan.Zero, new CancellationToken(canceled: true)).AsTask();

    private async Task WaitAsync(Task task, Func<bool> isOver)
    {
        while (!task.IsCompleted && !isOver())
        {
            if (_putOff is null)
            {
                await (Fell ? task : Task.WhenAny(task, _falls.Task)).Soon();
                continue;
            }

            await Task.WhenAny(task, Clock.WhenDueWithin(s_again)).Soon();
            if (!task.IsCompleted && _putOff is not null)
                Clock.TryStep();
        }
    }

    private EventLogException? Pass(int number, string call)
    {
        var side = call.StartsWith("Read", StringComparison.Ordinal) ? "read" : "write";
        lock (_gate)
        {
            // Whoever had failed has tried again.
            if (_putOff == side)
                _putOff = null;
            if (Fell || number < failing || (call == "Committed") != (fault == LogFault.AfterCommit))
                return null;
            _where = $"call {number}, {call}";
            _mustRecover = fault != LogFault.Transient;
            _putOff = _mustRecover ? null : side;
            var error = fault switch
            {
                LogFault.Transient => FaultyLog.Transient(),
                LogFault.PowerLoss => _log.LosePower(),
                _ => FaultyLog.Fatal(),
            };
            if (fault == LogFault.PowerLoss)
                _life.End();
            _falls.SetResult();
            return error;
        }
    }
}

/// <summary>One process's life. What its handlers still do after its death has no effect.</summary>
internal sealed class Incarnation
{
    private readonly object _gate = new();
    private bool _isOver;

    public void End()
    {
        lock (_gate)
            _isOver = true;
    }

    public void Do(Action effect)
    {
        lock (_gate)
        {
            if (!_isOver)
                effect();
        }
    }
}
