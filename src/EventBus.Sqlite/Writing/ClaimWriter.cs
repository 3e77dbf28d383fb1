using EventBus.Sqlite.Opening;
using EventBus.Sqlite.Statements;
using EventBus.Storage;

namespace EventBus.Sqlite.Writing;

/// <summary>Writes claims. A row with a token is a claim, and holds until its time; a row with the token 0 is a completed delivery, remembered until its time.</summary>
/// <remarks>Schema 1 and 2 kept an event's id without its type and source. What was completed then is found under the id alone, and what the application's own key named under that key.</remarks>
internal sealed class ClaimWriter(Session session, Ownership ownership)
{
    private const long Completed = 0;

    // What kind of key a row has. It is part of the row's own key, and so a source that is empty is another than none.
    private const int OfOlderSchema = 0;
    private const int OfApplication = 1;
    private const int OfEvent = 2;
    private const int OfEventWithSource = 3;

    private readonly Statement _find = session.Statement("SELECT token, until, kind, event_type, source FROM claims WHERE scope = ? AND key = ?");
    private readonly Statement _win = session.Statement("INSERT OR REPLACE INTO claims (scope, key, kind, event_type, source, token, until) VALUES (?, ?, ?, ?, ?, ?, ?)");
    private readonly Statement _change = session.Statement("UPDATE claims SET token = ?, until = ? WHERE scope = ? AND key = ? AND token = ?");
    private readonly Statement _release = session.Statement("DELETE FROM claims WHERE scope = ? AND key = ? AND token = ?");
    private readonly Statement _removeOver = session.Statement("""
        DELETE FROM claims WHERE (scope, key, kind, event_type, source) IN (SELECT scope, key, kind, event_type, source FROM claims WHERE until <= ? ORDER BY until LIMIT ?)
        """);

    public IdempotencyClaim Claim(IdempotencyKey key, TimeSpan lease, DateTimeOffset now, Func<string, bool>? isSameType)
    {
        if (Find(key, now.UtcTicks, isSameType) is var (holder, until))
        {
            if (holder == Completed)
                return IdempotencyClaim.Completed();
            // One that holds for longer was made before the clock was set back.
            var longest = After(now, lease);
            if (until > longest)
                Change(key, holder, holder, longest);
            return IdempotencyClaim.HeldByAnother(TimeSpan.FromTicks(Math.Min(until, longest) - now.UtcTicks));
        }

        var token = ownership.NextToken();
        _win.Bind(1, key.Scope);
        _win.Bind(2, key.Key);
        _win.Bind(3, KindOf(key));
        _win.Bind(4, key.EventType ?? "");
        _win.Bind(5, key.Source ?? "");
        _win.Bind(6, token);
        _win.Bind(7, After(now, lease));
        _win.Execute();
        return IdempotencyClaim.Won(token);
    }

    public bool Renew(IdempotencyKey key, long token, TimeSpan lease, DateTimeOffset now) => Change(key, token, token, After(now, lease));

    public bool Complete(IdempotencyKey key, long token, TimeSpan window, DateTimeOffset now) => Change(key, token, Completed, After(now, window));

    public bool Release(IdempotencyKey key, long token)
    {
        if (token == Completed)
            return false;
        _release.Bind(1, key.Scope);
        _release.Bind(2, key.Key);
        _release.Bind(3, token);
        _release.Execute();
        return session.Changes == 1;
    }

    public int RemoveOver(DateTimeOffset now, int count)
    {
        _removeOver.Bind(1, now.UtcTicks);
        _removeOver.Bind(2, count);
        _removeOver.Execute();
        return session.Changes;
    }

    private static long After(DateTimeOffset now, TimeSpan time) => time.Ticks > long.MaxValue - now.UtcTicks ? long.MaxValue : now.UtcTicks + time.Ticks;

    private static int KindOf(in IdempotencyKey key) => key.EventType is null ? OfApplication : key.Source is null ? OfEvent : OfEventWithSource;

    /// <summary>The claim or the completed delivery that stands in the way.</summary>
    private (long Token, long Until)? Find(in IdempotencyKey key, long now, Func<string, bool>? isSameType)
    {
        _find.Bind(1, key.Scope);
        _find.Bind(2, key.Key);
        using var rows = _find.Query();
        while (rows.Next())
        {
            var (token, until) = (_find.Int64(0), _find.Int64(1));
            if (until > now && Concerns(key, token == Completed, isSameType))
                return (token, until);
        }

        return null;
    }

    // A claim under an earlier name or form is that of a process that has died. Only what was completed counts.
    private bool Concerns(in IdempotencyKey key, bool isCompleted, Func<string, bool>? isSameType) => _find.Int32(2) switch
    {
        OfOlderSchema => isCompleted || key.EventType is null,
        var kind when kind != KindOf(key) => false,
        OfApplication => true,
        _ => _find.Text(4) == (key.Source ?? "") && (_find.Text(3) is var type && type == key.EventType || (isCompleted && isSameType?.Invoke(type) == true)),
    };

    private bool Change(IdempotencyKey key, long token, long newToken, long until)
    {
        if (token == Completed)
            return false;
        _change.Bind(1, newToken);
        _change.Bind(2, until);
        _change.Bind(3, key.Scope);
        _change.Bind(4, key.Key);
        _change.Bind(5, token);
        _change.Execute();
        return session.Changes == 1;
    }
}
