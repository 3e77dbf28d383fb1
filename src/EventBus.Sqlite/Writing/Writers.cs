using EventBus.Sqlite.Files;
using EventBus.Sqlite.Opening;
using EventBus.Sqlite.Statements;

namespace EventBus.Sqlite.Writing;

/// <summary>What a transaction writes with. Made once for an open log: the statements stay prepared from one transaction to the next.</summary>
internal sealed class Writers
{
    public Writers(Session session, Ownership ownership, JournalWatch journal, FileWatch files)
    {
        Session = session;
        Ownership = ownership;
        Journal = journal;
        Files = files;
        Types = new(session);
        Events = new(session, Types, ownership);
        Subscriptions = new(session);
        Deliveries = new(session);
        DeadLetters = new(session, Types);
        Schedule = new(session, Types);
        Claims = new(session, ownership);
        BeginStatement = session.Statement("BEGIN IMMEDIATE");
        CommitStatement = session.Statement("COMMIT");
    }

    public Session Session { get; }

    public Ownership Ownership { get; }

    public JournalWatch Journal { get; }

    public FileWatch Files { get; }

    public EventTypes Types { get; }

    public EventWriter Events { get; }

    public SubscriptionWriter Subscriptions { get; }

    public DeliveryWriter Deliveries { get; }

    public DeadLetterWriter DeadLetters { get; }

    public ScheduleWriter Schedule { get; }

    public ClaimWriter Claims { get; }

    // Immediate: a transaction that began by reading could be refused the write lock in its middle.
    public Statement BeginStatement { get; }

    public Statement CommitStatement { get; }
}
