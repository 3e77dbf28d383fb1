using EventBus.Sqlite.Statements;

namespace EventBus.Sqlite.Opening;

/// <summary>Brings the tables of a file up to date, each step in a transaction of its own: a process that dies in between leaves the old tables or the new ones.</summary>
internal static class Migration
{
    /// <exception cref="EventLogException">The file is not a log, or a newer one, or a step failed. It is as it was, or of the version before that step.</exception>
    public static void Run(Session session, IReadOnlyList<string> steps)
    {
        var version = VersionOf(session, steps.Count);
        for (; version < steps.Count; version++)
            Step(session, steps[version], version + 1);
    }

    /// <summary>Tells whether the file is a log of a version that is known; 0 for an empty file.</summary>
    public static int VersionOf(Session session, int known)
    {
        var application = session.Scalar("PRAGMA application_id");
        var version = session.Scalar("PRAGMA user_version");
        if (application != Schema.ApplicationId && (application != 0 || version != 0 || session.Scalar("SELECT count(*) FROM sqlite_schema") != 0))
            throw new EventLogException($"The file '{session.File}' is an SQLite database of another application, and was left as it is. Name a file of the event log's own in the Data Source; the bus makes it.");
        if (version > known)
            throw new EventLogException($"The event log '{session.File}' has the schema version {version}, and this version of EventBus.Sqlite knows up to {known}. The file was left as it is. Use the version of EventBus.Sqlite that wrote it, or a newer one.");
        return (int)version;
    }

    private static void Step(Session session, string step, int version)
    {
        try
        {
            session.Execute("BEGIN IMMEDIATE");
            session.Execute(step);
            session.Execute($"PRAGMA application_id = {Schema.ApplicationId}");
            session.Execute($"PRAGMA user_version = {version}");
            session.Execute("COMMIT");
        }
        catch
        {
            session.RollBack();
            throw;
        }
    }
}
