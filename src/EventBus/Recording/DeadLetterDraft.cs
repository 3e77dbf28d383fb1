using System.Collections.Immutable;
using EventBus.Storage;

namespace EventBus.Recording;

/// <summary>The dead letters as a transaction leaves them.</summary>
internal sealed class DeadLetterDraft(LogContents before, InMemoryLogOwner owner)
{
    private readonly ImmutableSortedSet<DeadLetterRow>.Builder _letters = before.DeadLetters.ToBuilder();

    /// <summary>By how much the log has grown; negative if more was removed than added.</summary>
    public long Growth { get; private set; }

    public long Add(LogDeadLetter letter)
    {
        var id = letter.Id > 0 ? letter.Id : owner.NextDeadLetter();
        var kept = letter with { Id = id, Record = EventDraft.Kept(letter.Record), LastAttemptTime = LogTime.Of(letter.LastAttemptTime) };
        _letters.Add(new(id, kept));
        Growth += LogContents.SizeOf(kept.Record);
        return id;
    }

    public bool Mark(long id, bool isRedriven)
    {
        if (!_letters.TryGetValue(new(id), out var row) || row.IsRedriven == isRedriven)
            return false;
        Replace(row with { IsRedriven = isRedriven });
        return true;
    }

    public void Supersede(string subscription, long from, long to)
    {
        foreach (var row in LettersOf(subscription).Where(row => row.Letter!.Record.Sequence >= from && row.Letter.Record.Sequence <= to).ToList())
            Replace(row with { Letter = row.Letter! with { IsSuperseded = true } });
    }

    public void Rename(string subscription, string newName)
    {
        foreach (var row in LettersOf(subscription).ToList())
            Replace(row with { Letter = row.Letter! with { Subscription = newName } });
    }

    /// <summary>Takes the marks of those being redriven away.</summary>
    public void KeepRedriven(string subscription)
    {
        foreach (var row in LettersOf(subscription).Where(static row => row.IsRedriven).ToList())
            Replace(row with { IsRedriven = false });
    }

    public bool Remove(long id)
    {
        if (!_letters.TryGetValue(new(id), out var row))
            return false;
        Growth -= LogContents.SizeOf(row.Letter!.Record);
        return _letters.Remove(row);
    }

    public LogContents Into(LogContents contents) => contents with { DeadLetters = _letters.ToImmutable() };

    private IEnumerable<DeadLetterRow> LettersOf(string subscription) => _letters.Where(row => row.Letter!.Subscription == subscription);

    private void Replace(DeadLetterRow row)
    {
        // The set finds a row by its id alone, and would keep the one that it has.
        _letters.Remove(row);
        _letters.Add(row);
    }
}
