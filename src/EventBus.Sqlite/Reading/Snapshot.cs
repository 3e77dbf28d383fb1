using EventBus.Sqlite.Statements;

namespace EventBus.Sqlite.Reading;

/// <summary>Lets several statements see the file as it is at one moment. Short: while it lasts the journal grows.</summary>
internal sealed class Snapshot(Session session)
{
    private readonly Statement _begin = session.Statement("BEGIN");
    private readonly Statement _end = session.Statement("COMMIT");

    public View Begin()
    {
        _begin.Execute();
        return new(session, _end);
    }

    internal readonly ref struct View(Session session, Statement end)
    {
        public void Dispose()
        {
            // Nothing was written. A failed read may have ended it already.
            if (session.IsInTransaction)
                end.Execute();
        }
    }
}
