using Microsoft.Extensions.Hosting;

namespace EventBus.HostChild;

/// <summary>Publishers, of which one ends when the host says so, and the others when the bus refuses them.</summary>
internal sealed class Load(IEventPublisher publisher, Ledger ledger, Life life) : BackgroundService
{
    private int _last = life.From - 1;

    protected override Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var publishers = Enumerable.Range(0, life.Publishers).Select(number => Task.Run(() => PublishAsync(number == 0 ? stoppingToken : CancellationToken.None), CancellationToken.None)).ToArray();
        return publishers.FirstOrDefault() ?? Task.CompletedTask;
    }

    private async Task PublishAsync(CancellationToken stoppingToken)
    {
        try
        {
            while (!stoppingToken.IsCancellationRequested)
            {
                var number = Interlocked.Increment(ref _last);
                var queued = new Queued(number);
                await publisher.PublishAsync(queued, CancellationToken.None);
                ledger.Accept(queued);
                var stored = new Stored(number);
                await publisher.PublishAsync(stored, CancellationToken.None);
                ledger.Accept(stored);
            }
        }
        catch (EventBusStoppedException)
        {
            // Told so, and not accepted.
        }
        finally
        {
            ledger.PublisherEnded();
        }
    }
}
