using EventBus.Sqlite.Statements;
using EventBus.Storage;

namespace EventBus.Sqlite.Opening;

/// <summary>That this process has the log, and the numbers that only the owner gives.</summary>
internal sealed class Ownership
{
    // So many claims an owner wins before it would give a token of the next one's.
    private const int TokenBits = 40;

    // So many rows at most are counted when the log is opened after a crash, or asked how large it is.
    private const int SettleEvery = 10_000;

    private readonly Session _session;
    private readonly Statement _check;
    private readonly Statement _settle;
    private readonly long _epoch;
    private long _lastSequence;
    private long _lastToken;
    private long _unsettled;
    private long _appended;
    private bool _isSettled;

    private Ownership(Session session, long epoch, LogOpening state)
    {
        _session = session;
        _epoch = epoch;
        _lastSequence = state.Head;
        _lastToken = epoch << TokenBits;
        Opening = state;
        _check = session.Statement("SELECT epoch FROM log");
        _settle = session.Statement("UPDATE log SET events = events + (SELECT count(*) FROM events WHERE sequence > log.head), head = max(head, ?), is_closed = ? WHERE epoch = ?");
    }

    /// <summary>What was found.</summary>
    public LogOpening Opening { get; }

    public static Ownership TakeOver(Session session)
    {
        try
        {
            session.Execute("BEGIN IMMEDIATE");
            var isClosed = session.Scalar("SELECT is_closed FROM log") == 1;
            session.Execute("""
                UPDATE log SET
                    events = events + (SELECT count(*) FROM events WHERE sequence > log.head),
                    head = max(head, ifnull((SELECT max(sequence) FROM events), 0)),
                    epoch = epoch + 1,
                    is_closed = 0
                """);
            var epoch = session.Scalar("SELECT epoch FROM log");
            var head = session.Scalar("SELECT head FROM log");
            session.Execute("COMMIT");
            return new(session, epoch, new(head, isClosed));
        }
        catch
        {
            session.RollBack();
            throw;
        }
    }

    /// <summary>Makes sure that nobody took the log over, before anything is written. The transaction holds the write lock, so it stays true until the commit.</summary>
    public void Check()
    {
        _appended = 0;
        using var rows = _check.Query();
        if (!rows.Next() || _check.Int64(0) != _epoch)
            throw _session.Refusal($"The event log '{_session.File}' has another owner since: it was opened again while this bus had it. Nothing was written. Stop this bus; the log belongs to the one that opened it last.");
    }

    // Counted in memory: what a transaction took is not given again, although it was rolled back.
    public long NextSequence()
    {
        _appended++;
        return ++_lastSequence;
    }

    public long NextToken() => ++_lastToken;

    /// <summary>Writes down, now and then, how far sequences were given and how many events there are. What was appended later is counted from there on, so that an
    /// append writes no second page.</summary>
    public void BeforeCommit()
    {
        _isSettled = _unsettled + _appended >= SettleEvery;
        if (_isSettled)
            Settle(isClosed: false);
    }

    public void Committed() => _unsettled = _isSettled ? 0 : _unsettled + _appended;

    /// <summary>Writes down what the next owner has to know, unless there is one already.</summary>
    public void Close(bool isClean) => Settle(isClean);

    private void Settle(bool isClosed)
    {
        _settle.Bind(1, _lastSequence);
        _settle.Bind(2, isClosed);
        _settle.Bind(3, _epoch);
        _settle.Execute();
    }
}
