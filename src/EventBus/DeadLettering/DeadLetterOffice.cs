using System.Runtime.CompilerServices;
using EventBus.Observing;
using EventBus.Storage;
using EventBus.Timing;

namespace EventBus.DeadLettering;

/// <summary>The bus's dead letters, over whichever store it has.</summary>
/// <param name="store">The store.</param>
/// <param name="redrive">Delivers a letter that was taken out.</param>
/// <param name="redriveFromLog">Redrives a letter whose subscription is durable, and answers nothing for any other; none where there is no log.</param>
internal sealed class DeadLetterOffice(
    IDeadLetterStore store,
    Func<DeadLetter, CancellationToken, ValueTask> redrive,
    Func<long, CancellationToken, ValueTask<bool?>>? redriveFromLog = null) : IDeadLetters
{
    private const int PageSize = 100;

    private static readonly DeadLetterQuery s_all = new();

    public ValueTask<long> CountAsync(DeadLetterQuery? query = null, CancellationToken cancellationToken = default) =>
        store.CountAsync(query ?? s_all, cancellationToken);

    public ValueTask<IReadOnlyList<DeadLetter>> ListAsync(DeadLetterQuery? query = null, long afterId = 0, int count = PageSize, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        return store.ListAsync(query ?? s_all, afterId, count, cancellationToken);
    }

    public async IAsyncEnumerable<DeadLetter> AllAsync(DeadLetterQuery? query = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var afterId = 0L;
        while (await store.ListAsync(query ?? s_all, afterId, PageSize, cancellationToken).AnyContext() is { Count: > 0 } page)
        {
            foreach (var letter in page)
                yield return letter;
            afterId = page[^1].Id;
        }
    }

    public async ValueTask<bool> RedriveAsync(long id, CancellationToken cancellationToken = default)
    {
        if (redriveFromLog is not null && await redriveFromLog(id, cancellationToken).AnyContext() is { } redriven)
            return redriven;
        // Taken out first: of two redrives at once only one has it.
        if (await store.RemoveAsync(id, cancellationToken).AnyContext() is not { } letter)
            return false;
        try
        {
            await redrive(letter, cancellationToken).AnyContext();
            return true;
        }
        catch (Exception error)
        {
            await PutBackAsync(letter, error).AnyContext();
            throw;
        }
    }

    public async ValueTask<long> RedriveAsync(DeadLetterQuery query, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(query);
        var count = 0L;
        foreach (var id in await IdsAsync(query, cancellationToken).AnyContext())
        {
            if (await RedriveAsync(id, cancellationToken).AnyContext())
                count++;
        }

        return count;
    }

    public async ValueTask<long> PurgeAsync(DeadLetterQuery query, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(query);
        var count = 0L;
        foreach (var id in await IdsAsync(query, cancellationToken).AnyContext())
        {
            if (await store.RemoveAsync(id, cancellationToken).AnyContext() is not null)
                count++;
        }

        return count;
    }

    // A letter that is in neither place any more is not to be lost behind the failure of its redrive.
    private async ValueTask PutBackAsync(DeadLetter letter, Exception error)
    {
        try
        {
            await store.RestoreAsync(letter, CancellationToken.None).AnyContext();
        }
        catch (Exception lost)
        {
            throw new AggregateException($"Dead letter {letter.Id} of subscription '{letter.Subscription}', event '{LogText.Safe(letter.Metadata.Id)}', could not be delivered, and its store did not take it back: it is lost. Publish the event again.", error, lost);
        }
    }

    // Only what is there now: a letter that is redriven and dies again comes after, with an id of its own.
    private async ValueTask<List<long>> IdsAsync(DeadLetterQuery query, CancellationToken cancellationToken)
    {
        var ids = new List<long>();
        await foreach (var letter in AllAsync(query, cancellationToken).AnyContext())
            ids.Add(letter.Id);
        return ids;
    }
}
