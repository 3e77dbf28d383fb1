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
internal sealed class EventLogOperations(Recorder? recorder, RouteTable routes, Retention? retention, DueTimer timer, ILogger logger, object bus) : IEventLogOperations
{
    private const int PageSize = 256;

    private static readonly TimeSpan s_again = TimeSpan.FromSeconds(1);

    private readonly object _gate = new();

    private Recorder Recorder => recorder
        ?? throw new InvalidOperationException("The bus has no event log. Add bus.UseSqlite(...) of the package EmbeddedEventBus.Sqlite, or bus.UseEventLog(...).");

    public bool Exists => recorder is not null;

    public EventLogException? Failure => recorder?.Failure;

    public async IAsyncEnumerable<LoggedEvent> ReadAsync(LogQuery? query = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        query ??= new LogQuery();
        var filter = FilterOf(query);
        var session = Recorder.Session;
        var after = await session.Reader.ReadThroughAsync((log, token) => query.From.After(log, session.Writer.Head, token), cancellationToken).AnyContext();
        while (true)
        {
            var from = after;
            var page = await session.Reader.ReadThroughAsync((log, token) => log.Read(from, PageSize, filter, token), cancellationToken).AnyContext();
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
        var waitedWith = Recorder.Session;
        var durable = routes.Subscriptions.OfType<DurableSubscription>().FirstOrDefault(known => known.Name == subscription)
            ?? throw new ArgumentException($"There is no durable subscription '{LogText.Safe(subscription)}' in this bus.", nameof(subscription));
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Task before;
        lock (_gate)
        {
            before = durable.Replayed;
            durable.Replayed = done.Task;
        }

        try
        {
            await WhenOrStoppedAsync(before, waitedWith).WaitAsync(cancellationToken).AnyContext();
            // Another has come before, and perhaps a stop and a start with it.
            await ReplayAsync(Recorder.Session, durable, from, skipUnread, cancellationToken).AnyContext();
        }
        finally
        {
            _ = EndAfterAsync(before, done);
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

    private async Task ReplayAsync(LogSession session, DurableSubscription durable, LogPosition from, bool skipUnread, CancellationToken cancellationToken)
    {
        using var move = session.Moves.Announce();
        move.Position = long.MaxValue;
        long position;
        durable.HoldForReplay(true, session);
        try
        {
            // Its own handler may ask; nobody waits for itself. One that never returns must not hold up whoever stops the bus.
            await WhenOrStoppedAsync(durable.WhenNoneRunsAsync(WorkerMark.IsOf(bus) ? WorkerMark.Current : null), session).WaitAsync(cancellationToken).AnyContext();
            // From here on what it may deliver stays, until its position says so.
            move.Position = 0;
            position = await session.Reader.ReadThroughAsync((log, token) => from.After(log, session.Writer.Head, token), cancellationToken).AnyContext();
            move.Position = position;
            if (!skipUnread && position > durable.ReadUpTo)
                throw WouldSkip(durable, from, position);
            await SayWhereItBeginsAsync(session, durable.Name, from, position).AnyContext();
            if (durable.KeepUpTo(position) is > 0 and var unread)
                LogMessages.ReplaySkips(logger, durable.Name, from.ToString(), unread);
            // While the log is locked this waits, and may be cancelled; from here on it goes through.
            await WhenOrStoppedAsync(durable.FlushAsync(), session).WaitAsync(cancellationToken).AnyContext();
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
                move.Made();
                transaction.SaveSubscription(moved);
                transaction.RemoveDeliveriesFrom(durable.Name, position + 1);
                // All of them: what was settled by a letter beyond the position is forgotten with the deliveries.
                transaction.SupersedeDeadLetters(durable.Name, position + 1, long.MaxValue);
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

    /// <exception cref="EventBusStoppedException">The bus stops before the task is completed.</exception>
    private static async Task WhenOrStoppedAsync(Task task, LogSession session)
    {
        var done = WhenAsync(task);
        if (await Task.WhenAny(done, session.Reader.WhenStoppingAsync()).AnyContext() != done)
            throw new EventBusStoppedException("The bus is stopping, and has ended a replay that had not begun: its subscription stays where it was. Ask again when the bus is started.");
        await done.AnyContext();
    }

    // As a task of a method: see Continuation.
    private static async Task WhenAsync(Task task) => await task.AnyContext();

    // One that has given up its turn holds up nobody, and lets nobody pass those before it.
    private static async Task EndAfterAsync(Task before, TaskCompletionSource done)
    {
        await before.AnyContext();
        done.SetResult();
    }

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
