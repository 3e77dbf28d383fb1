using System.Runtime.CompilerServices;
using EventBus.Observing;
using EventBus.Queueing;
using EventBus.Recording;
using EventBus.Routing;
using EventBus.Storage;
using EventBus.Timing;
using Microsoft.Extensions.Logging;

namespace EventBus.Lifecycle;

/// <inheritdoc cref="IEventLogOperations"/>
#pragma warning disable CA1001 // A semaphore without a wait handle holds nothing to dispose of.
internal sealed class EventLogOperations(Recorder? recorder, RouteTable routes, Retention? retention, DueTimer timer, ILogger logger, object bus) : IEventLogOperations
#pragma warning restore CA1001
{
    private const int PageSize = 256;

    private static readonly TimeSpan s_again = TimeSpan.FromSeconds(1);

    private readonly SemaphoreSlim _oneReplay = new(1);

    private Recorder Recorder => recorder
        ?? throw new InvalidOperationException("The bus has no event log. Add bus.UseSqlite(...) of the package EmbeddedEventBus.Sqlite, or bus.UseEventLog(...).");

    public bool Exists => recorder is not null;

    public EventLogException? Failure => recorder?.Failure;

    public async IAsyncEnumerable<LoggedEvent> ReadAsync(LogQuery? query = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        query ??= new LogQuery();
        var filter = FilterOf(query);
        var session = Recorder.Session;
        var after = await session.Reader.ReadAsync(log => query.From.After(log, session.Writer.Head)).WaitAsync(cancellationToken).AnyContext();
        while (true)
        {
            var from = after;
            var page = await session.Reader.ReadAsync(log => log.Read(from, PageSize, filter)).WaitAsync(cancellationToken).AnyContext();
            foreach (var record in page)
            {
                cancellationToken.ThrowIfCancellationRequested();
                yield return new(session.Codec.Decode(record), RecordCodec.MetadataOf(record));
            }

            if (page.Count < PageSize)
                yield break;
            after = page[^1].Sequence;
        }
    }

    public async ValueTask ReplayAsync(string subscription, LogPosition from, bool skipUnread = false, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(subscription);
        _ = Recorder;
        var durable = routes.Subscriptions.OfType<DurableSubscription>().FirstOrDefault(known => known.Name == subscription)
            ?? throw new ArgumentException($"There is no durable subscription '{LogText.Safe(subscription)}' in this bus.", nameof(subscription));
        await _oneReplay.WaitAsync(cancellationToken).AnyContext();
        try
        {
            // Others may have come before, and a stop and a start with them.
            await ReplayAsync(Recorder.Session, durable, from, skipUnread, bus, cancellationToken).AnyContext();
        }
        finally
        {
            _oneReplay.Release();
        }
    }

    public async ValueTask<bool> DeleteSubscriptionAsync(string subscription, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(subscription);
        if (routes.Unfinished.Any(known => known.Name == subscription))
            throw new ArgumentException($"Subscription '{LogText.Safe(subscription)}' has a handler in this bus. Remove that first, or its state would come back.", nameof(subscription));
        return await Recorder.Session.Writer.SubmitAsync(transaction => transaction.RemoveSubscription(subscription)).WaitAsync(cancellationToken).AnyContext();
    }

    public ValueTask<IReadOnlyList<LogSubscription>> GetSubscriptionsAsync(CancellationToken cancellationToken = default) =>
        ReadAsync(static log => log.ReadSubscriptions(), cancellationToken);

    public ValueTask<LogStatistics> GetStatisticsAsync(CancellationToken cancellationToken = default) =>
        ReadAsync(static log => log.ReadStatistics(), cancellationToken);

    public ValueTask<long> RetainAsync(LogRetention allowed, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(allowed);
        _ = Recorder;
        return retention!.RemoveAsync(allowed.Checked(nameof(allowed)), cancellationToken); // There is one where there is a log.
    }

    public async ValueTask BackupAsync(string destination, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(destination);
        await Recorder.Session.Reader.ReadLongAsync(
            (log, token) =>
            {
                log.Backup(destination, token);
                return true;
            },
            cancellationToken).AnyContext();
    }

    public async ValueTask<IReadOnlyList<string>> CheckIntegrityAsync(CancellationToken cancellationToken = default) =>
        await Recorder.Session.Reader.ReadLongAsync(static (log, token) => log.CheckIntegrity(token), cancellationToken).AnyContext();

    private async Task ReplayAsync(LogSession session, DurableSubscription durable, LogPosition from, bool skipUnread, object bus, CancellationToken cancellationToken)
    {
        long position;
        durable.HoldForReplay(true, session);
        try
        {
            // Its own handler may ask; nobody waits for itself.
            await durable.WhenNoneRunsAsync(WorkerMark.IsOf(bus) ? WorkerMark.Current : null).WaitAsync(cancellationToken).AnyContext();
            position = await session.Reader.ReadAsync(log => from.After(log, session.Writer.Head)).WaitAsync(cancellationToken).AnyContext();
            if (!skipUnread && position > durable.ReadUpTo)
                throw WouldSkip(durable, from, position);
            await SayWhereItBeginsAsync(session, durable.Name, from, position).AnyContext();
            if (durable.KeepUpTo(position) is > 0 and var unread)
                LogMessages.ReplaySkips(logger, durable.Name, from.ToString(), unread);
            // While the log is locked this waits, and may be cancelled; from here on it goes through.
            await durable.FlushAsync().WaitAsync(cancellationToken).AnyContext();
        }
        catch
        {
            durable.HoldForReplay(false, session);
            throw;
        }

        var end = durable.ReadUpTo;
        await durable.EndRunAsync(new TaskCompletionSource().Task, session).AnyContext();
        var state = durable.State;
        var moved = state with { Position = position, Generation = state.Generation + 1, ReplayEnd = Math.Max(end, state.ReplayEnd) };
        try
        {
            await session.Writer.SubmitAsync(transaction =>
            {
                transaction.SaveSubscription(moved);
                transaction.RemoveDeliveriesFrom(durable.Name, position + 1);
                transaction.SupersedeDeadLetters(durable.Name, position + 1, end);
                return true;
            }).AnyContext();
        }
        finally
        {
            // Moved or not, it goes on from what is stored.
            await BeginAgainAsync(session, durable).AnyContext();
        }
    }

    private static InvalidOperationException WouldSkip(DurableSubscription durable, LogPosition from, long position) =>
        new($"A replay of subscription '{durable.Name}' from {from} would skip {position - durable.ReadUpTo} events of the log that it has not read: it has read up to event {durable.ReadUpTo}. Replay from there or before, or allow it with skipUnread: true.");

    private async Task SayWhereItBeginsAsync(LogSession session, string subscription, LogPosition from, long position)
    {
        var oldest = (await session.Reader.ReadAsync(static log => log.ReadStatistics()).AnyContext()).Oldest;
        if (oldest > position + 1)
            LogMessages.ReplayBeginsLater(logger, subscription, from.ToString(), oldest);
    }

    private async Task BeginAgainAsync(LogSession session, DurableSubscription durable)
    {
        while (true)
        {
            try
            {
                var (state, deliveries) = await session.Reader.ReadAsync(log => (log.ReadSubscriptions().First(known => known.Name == durable.Name), log.ReadDeliveries(durable.Name))).AnyContext();
                if (!durable.TryBeginAgain(session, state, deliveries))
                    throw new EventBusStoppedException();
                return;
            }
            catch (EventLogException error)
            {
                LogMessages.LogReadFailed(logger, error, durable.Name);
                if (!error.IsTransient)
                {
                    session.Writer.FailWith(error);
                    throw;
                }

                using var later = new DueSignal(timer, s_again);
                await later.WhenDueAsync().AnyContext();
            }
        }
    }

    private async ValueTask<T> ReadAsync<T>(Func<IEventLog, T> read, CancellationToken cancellationToken) =>
        await Recorder.Session.Reader.ReadAsync(read).WaitAsync(cancellationToken).AnyContext();

    private LogFilter FilterOf(LogQuery query) => new()
    {
        Types = query.Types is { } types ? NamesOf(types) : null,
        Key = query.Key,
        CorrelationId = query.CorrelationId,
        From = query.FromTime,
        Before = query.BeforeTime,
    };

    private string[] NamesOf(IReadOnlyList<Type> types)
    {
        var registry = Recorder.Codec.Types;
        return [.. registry.Types.Where(known => types.Any(type => type.IsAssignableFrom(known))).SelectMany(known => registry.TryGet(known, out var stored) ? stored.Names : []).Distinct()];
    }
}
