using EventBus.Storage;
using EventBus.Timing;

namespace EventBus.Recording;

/// <summary>Keeps dead letters in the event log: those of durable subscriptions, which come with their deliveries' settling, and those of all others.</summary>
/// <remarks>A queued event that cannot be stored, because its type is not known by name or has no serialized form, is kept in memory instead, under a negative
/// id: it is lost with the process, as the event itself would have been.</remarks>
internal sealed class LogDeadLetterStore(Recorder recorder) : IDeadLetterStore
{
    private readonly InMemoryDeadLetterStore _unstorable = new();

    public async ValueTask<DeadLetterAddition> AddAsync(DeadLetter letter, CancellationToken cancellationToken)
    {
        LogDeadLetter stored;
        try
        {
            stored = DeadLetterCodec.ToStored(letter, DeadLetterCodec.RecordOf(letter, recorder.Codec));
        }
        catch (ArgumentException)
        {
            return await KeepInMemoryAsync(letter, cancellationToken).AnyContext();
        }

        try
        {
            var id = await recorder.Session.Writer.SubmitAsync(transaction => transaction.AddDeadLetter(stored)).WaitAsync(cancellationToken).AnyContext();
            return new(letter with { Id = id }, []);
        }
        catch (EventLogException refusal) when (refusal.IsOfOneChange)
        {
            return await KeepInMemoryAsync(letter, cancellationToken).AnyContext();
        }
    }

    public async ValueTask<IReadOnlyList<DeadLetter>> ListAsync(DeadLetterQuery query, long afterId, int count, CancellationToken cancellationToken)
    {
        // Ids in memory are below every id in the log: -max + n, so that they grow too.
        var page = new List<DeadLetter>();
        if (afterId <= 0)
        {
            foreach (var letter in await _unstorable.ListAsync(query, afterId == 0 ? 0 : Plain(afterId), count, cancellationToken).AnyContext())
                page.Add(InMemory(letter));
        }

        if (page.Count == count)
            return page;
        var stored = await recorder.Session.Reader.ReadThroughAsync((log, token) => log.ReadDeadLetters(query, Math.Max(0, afterId), count - page.Count, token), cancellationToken).AnyContext();
        page.AddRange(stored.Select(letter => DeadLetterCodec.FromStored(letter, recorder.Codec)));
        return page;
    }

    public async ValueTask<DeadLetter?> RemoveAsync(long id, CancellationToken cancellationToken)
    {
        if (id < 0)
            return await _unstorable.RemoveAsync(Plain(id), cancellationToken).AnyContext() is { } unstorable ? InMemory(unstorable) : null;
        var session = recorder.Session;
        if (await session.Reader.ReadAsync(log => log.ReadDeadLetter(id)).WaitAsync(cancellationToken).AnyContext() is not { } stored)
            return null;
        // One that is being redriven is the delivery's: removed, it would be gone before its handler has it.
        var removed = await session.Writer.SubmitAsync(transaction => transaction.MarkDeadLetter(id, isRedriven: true) && transaction.RemoveDeadLetter(id)).WaitAsync(cancellationToken).AnyContext();
        return removed ? DeadLetterCodec.FromStored(stored, recorder.Codec) : null;
    }

    public async ValueTask RestoreAsync(DeadLetter letter, CancellationToken cancellationToken)
    {
        if (letter.Id < 0)
        {
            await _unstorable.RestoreAsync(letter with { Id = Plain(letter.Id) }, cancellationToken).AnyContext();
            return;
        }

        LogRecord record;
        try
        {
            record = letter.Event is UnreadableEvent unreadable ? RecordOf(letter, unreadable) : DeadLetterCodec.RecordOf(letter, recorder.Codec);
        }
        catch (ArgumentException)
        {
            // It is over a limit that was not there when it was stored, or was higher. Better for as long as the process lives than lost.
            await _unstorable.AddAsync(letter with { Id = 0 }, cancellationToken).AnyContext();
            return;
        }

        await recorder.Session.Writer.SubmitAsync(transaction => transaction.AddDeadLetter(DeadLetterCodec.ToStored(letter, record))).WaitAsync(cancellationToken).AnyContext();
    }

    public async ValueTask<long> CountAsync(DeadLetterQuery query, CancellationToken cancellationToken) =>
        await _unstorable.CountAsync(query, cancellationToken).AnyContext()
        + await recorder.Session.Reader.ReadThroughAsync((log, token) => log.ReadDeadLetterCount(query, token), cancellationToken).AnyContext();

    private async ValueTask<DeadLetterAddition> KeepInMemoryAsync(DeadLetter letter, CancellationToken cancellationToken)
    {
        var addition = await _unstorable.AddAsync(letter, cancellationToken).AnyContext();
        return new(InMemory(addition.Kept), [.. addition.Evicted.Select(InMemory)]);
    }

    private static LogRecord RecordOf(DeadLetter letter, UnreadableEvent unreadable) => RecordChecksum.Seal(new()
    {
        Id = letter.Metadata.Id,
        Type = unreadable.Type,
        TypeVersion = unreadable.TypeVersion,
        Time = letter.Metadata.Time,
        Source = letter.Metadata.Source,
        Subject = letter.Metadata.Subject,
        Key = letter.Metadata.Key,
        CorrelationId = letter.Metadata.CorrelationId,
        CausationId = letter.Metadata.CausationId,
        Headers = letter.Metadata.Headers.Count == 0 ? null : HeadersText.Of(letter.Metadata.Headers),
        Body = unreadable.Body,
        Sequence = letter.Metadata.Sequence ?? 0,
    });

    private static DeadLetter InMemory(DeadLetter letter) => letter with { Id = long.MinValue + letter.Id };

    private static long Plain(long id) => id - long.MinValue;
}
