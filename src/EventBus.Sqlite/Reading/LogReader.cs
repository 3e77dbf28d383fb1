using EventBus.Sqlite.Statements;

namespace EventBus.Sqlite.Reading;

/// <summary>What is read with, on a connection of its own: so that reading sees what is committed, and never waits for the writer.</summary>
internal sealed class LogReader : IDisposable
{
    public LogReader(Session session)
    {
        Session = session;
        var types = new EventTypes(session);
        Events = new(session, types);
        Subscriptions = new(session);
        DeadLetters = new(session, types);
        Schedule = new(session, types);
        Health = new(session);
    }

    public Session Session { get; }

    public EventReader Events { get; }

    public SubscriptionReader Subscriptions { get; }

    public DeadLetterReader DeadLetters { get; }

    public ScheduleReader Schedule { get; }

    public HealthReader Health { get; }

    public void Dispose() => Session.Dispose();
}
