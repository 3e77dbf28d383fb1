using EventBus.Hosting.Configuration;
using EventBus.Hosting.Observing;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace EventBus.Hosting.Lifecycle;

/// <summary>Starts the bus before traffic comes and stops it after it has ended.</summary>
/// <remarks>A host calls all <see cref="StartingAsync"/> before any service or server starts, and all <see cref="StoppedAsync"/> when every one of them has stopped: so whoever publishes finds the bus
/// open, and what the last of them published is still settled.</remarks>
internal sealed class HostedBus : IHostedLifecycleService
{
    private const double NoticeAt = 0.9;

    private readonly IEventBus _bus;
    private readonly ConfigurationWatch _watch;
    private readonly TimeSpan _limit;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private bool _hasLifecycle;
    private long? _stoppingSince;
    private StopReceipt? _told;

    public HostedBus(IEventBus bus, ConfigurationWatch watch, IOptions<EventBusHostingOptions> options, ILoggerFactory logs, TimeProvider? time = null)
    {
        _bus = bus;
        _watch = watch;
        _limit = options.Value.StopLimit;
        _log = logs.CreateLogger(LogMessages.Category);
#pragma warning disable RS0030 // The clock that the bus takes too.
        _time = time ?? TimeProvider.System;
#pragma warning restore RS0030
    }

    public Task StartingAsync(CancellationToken cancellationToken)
    {
        _hasLifecycle = true;
        return OpenAsync(cancellationToken);
    }

    // A host that does not know of the other calls makes this one.
    public Task StartAsync(CancellationToken cancellationToken) => _hasLifecycle ? Task.CompletedTask : OpenAsync(cancellationToken);

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken)
    {
        _stoppingSince = _time.GetTimestamp();
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => _hasLifecycle ? Task.CompletedTask : DrainAsync(cancellationToken);

    public Task StoppedAsync(CancellationToken cancellationToken) => DrainAsync(cancellationToken);

    private async Task OpenAsync(CancellationToken cancellationToken)
    {
        await _bus.StartAsync(cancellationToken).ConfigureAwait(false);
        _watch.Begin(_bus);
    }

    private async Task DrainAsync(CancellationToken cancellationToken)
    {
        _watch.End();
        if (_bus.State == EventBusState.Disposed)
            return;
        var left = _limit - (_stoppingSince is { } since ? _time.GetElapsedTime(since) : TimeSpan.Zero);
        if (left < TimeSpan.Zero)
            left = TimeSpan.Zero;
        var receipt = await _bus.StopAsync(left, cancellationToken).ConfigureAwait(false);
        // Some hosts are stopped twice, and a bus that is has the same receipt.
        if (ReferenceEquals(receipt, Interlocked.Exchange(ref _told, receipt)))
            return;
        ReceiptLog.Write(_log, receipt);
        if (cancellationToken.IsCancellationRequested && receipt.Elapsed < left * NoticeAt && !receipt.IsComplete)
            LogMessages.CutShort(_log, receipt.Elapsed, left, _limit);
    }
}
