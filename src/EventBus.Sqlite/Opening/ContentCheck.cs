using EventBus.Sqlite.Statements;

namespace EventBus.Sqlite.Opening;

/// <summary>Looks whether what a file holds can be used: numbers within their range, positions against the head. Each rule gives a text for each row that breaks it.</summary>
/// <remarks>Events are not read here: there may be millions, and a checksum covers each. Nor are claims: one with odd numbers runs out, or is none. The others are read once, without their bodies.</remarks>
internal static class ContentCheck
{
    // So much that nothing that is added to one of them leaves the numbers that there are.
    private const string LargestSequence = "4611686018427387904";

    // The years 1 to 9999, in milliseconds since 1970.
    private const string FirstTime = "-62135596800000";
    private const string LastTime = "253402300799999";

    // Claims are won with tokens above the epoch times 2^40.
    private const string LargestEpoch = "4194304";

    private const int LargestCount = 10;

    /// <summary>The greatest sequence that was given.</summary>
    private const string Head = "(SELECT max(ifnull((SELECT max(head) FROM log), 0), ifnull((SELECT max(sequence) FROM events), 0)))";

    /// <summary>What is wrong with the rows that lead from the log to its subscriptions, as texts.</summary>
    public const string Rules = $"""
        SELECT 'the table log has ' || count(*) || ' rows instead of one' FROM log HAVING count(*) <> 1
        UNION ALL
        SELECT 'the log has the head ' || head || ', which is no sequence' FROM log WHERE head NOT BETWEEN 0 AND {LargestSequence}
        UNION ALL
        SELECT 'the log has ' || events || ' events up to its head' FROM log WHERE events NOT BETWEEN 0 AND {LargestSequence}
        UNION ALL
        SELECT 'the log was opened ' || epoch || ' times' FROM log WHERE epoch NOT BETWEEN 0 AND {LargestEpoch}
        UNION ALL
        SELECT 'the log has the mark is_closed ' || is_closed || ' instead of 0 or 1' FROM log WHERE is_closed NOT IN (0, 1)
        UNION ALL
        SELECT 'event ' || sequence || ' has a number that is no sequence'
        FROM (SELECT (SELECT sequence FROM events ORDER BY sequence LIMIT 1) AS sequence UNION ALL SELECT (SELECT sequence FROM events ORDER BY sequence DESC LIMIT 1)) WHERE sequence NOT BETWEEN 1 AND {LargestSequence}
        UNION ALL
        SELECT 'type ' || type || ' has the version ' || version FROM types WHERE version NOT BETWEEN 1 AND 2147483647
        UNION ALL
        SELECT 'subscription ' || quote(name) || ' has the position ' || position || ', beyond the last sequence ' || {Head} FROM subscriptions WHERE position > {Head}
        UNION ALL
        SELECT 'subscription ' || quote(name) || ' has the position ' || position || ', which is below 0' FROM subscriptions WHERE position < 0
        UNION ALL
        SELECT 'subscription ' || quote(name) || ' has the generation ' || generation FROM subscriptions WHERE generation NOT BETWEEN 0 AND 2147483646
        UNION ALL
        SELECT 'subscription ' || quote(name) || ' has a replay that ends at ' || replay_end || ', and the last sequence is ' || {Head} FROM subscriptions WHERE replay_end NOT BETWEEN 0 AND {Head}
        UNION ALL
        SELECT 'delivery ' || sequence || ' of subscription ' || quote(subscription) || ' has a number that is no sequence up to ' || {Head} FROM deliveries WHERE sequence NOT BETWEEN iif(dead_letter = 0, 1, 0) AND {Head}
        UNION ALL
        SELECT 'delivery ' || sequence || ' of subscription ' || quote(subscription) || ' has the dead letter ' || dead_letter FROM deliveries WHERE dead_letter < 0
        UNION ALL
        SELECT 'delivery ' || sequence || ' of subscription ' || quote(subscription) || ' has the state ' || state || ', and 0 to 3 are known' FROM deliveries WHERE state NOT BETWEEN 0 AND 3
        UNION ALL
        SELECT 'delivery ' || sequence || ' of subscription ' || quote(subscription) || ' has made ' || attempts || ' attempts' FROM deliveries WHERE attempts NOT BETWEEN 0 AND 2147483646
        UNION ALL
        SELECT 'delivery ' || sequence || ' of subscription ' || quote(subscription) || ' has a time outside the years 1 to 9999, or waits for less than nothing' FROM deliveries
        WHERE due NOT BETWEEN {FirstTime} AND {LastTime} OR first_attempt NOT BETWEEN {FirstTime} AND {LastTime} OR wait < 0
        UNION ALL
        SELECT 'dead letter ' || dead_letter || ' has a number outside its range' FROM dead_letters WHERE dead_letter NOT BETWEEN 1 AND {LargestSequence}
        UNION ALL
        SELECT 'the last dead letter has the number ' || seq FROM sqlite_sequence WHERE name = 'dead_letters' AND seq NOT BETWEEN 0 AND {LargestSequence}
        UNION ALL
        SELECT 'dead letter ' || dead_letter || CASE
            WHEN reason NOT BETWEEN 0 AND 4 THEN ' has the reason ' || reason || ', and 0 to 4 are known'
            WHEN attempts NOT BETWEEN 0 AND 2147483646 THEN ' has made ' || attempts || ' attempts'
            WHEN last_attempt NOT BETWEEN {FirstTime} AND {LastTime} THEN ' has a time outside the years 1 to 9999'
            ELSE ' has a mark that is neither 0 nor 1' END
        FROM dead_letters
        WHERE reason NOT BETWEEN 0 AND 4 OR attempts NOT BETWEEN 0 AND 2147483646 OR last_attempt NOT BETWEEN {FirstTime} AND {LastTime} OR is_redriven NOT IN (0, 1) OR is_superseded NOT IN (0, 1)
        UNION ALL
        SELECT 'scheduled event ' || entry || ' is due outside the years 1 to 9999' FROM scheduled WHERE due NOT BETWEEN {FirstTime} AND {LastTime}
        UNION ALL
        SELECT 'scheduled event ' || entry || ' has the time to live ' || time_to_live || ', which is not above 0' FROM scheduled WHERE time_to_live <= 0
        """;

    /// <exception cref="EventLogException">Something is out of its range.</exception>
    public static void Run(Session session)
    {
        var found = new List<string>();
        Read(session, Rules, static statement => statement.Text(0), found);
        // An entry is found by its texts: one whose bytes are no text would be due for ever.
        Read(session, "SELECT entry, id, source FROM scheduled", static statement => IsText(statement, 1) && IsText(statement, 2) ? null : $"scheduled event {statement.Int64(0)} has an id or a source that is no text", found);

        if (found.Count == 0)
            return;
        var more = found.Count > LargestCount ? ", and more" : "";
        throw new EventLogException(
            $"The event log '{session.File}' was not opened: {string.Join("; ", found.Take(LargestCount))}{more}. A row was damaged or changed by hand, and the bus writes none of these. "
            + "Keep a copy of the file and go back to a backup, or correct these rows with the sqlite3 shell while no bus has the file open; docs/event-log-schema.md tells what each column is for.");
    }

    private static void Read(Session session, string sql, Func<Statement, string?> mistake, List<string> found)
    {
        using var statement = new Statement(session, sql);
        using var rows = statement.Query();
        while (rows.Next() && found.Count <= LargestCount)
        {
            if (mistake(statement) is { } text)
                found.Add(text);
        }
    }

    private static bool IsText(Statement statement, int column)
    {
        if (statement.IsNull(column))
            return true;
        var text = statement.Text(column);
        var bytes = new byte[StoredText.MaxLength(text)];
        return statement.IsBlob(column, bytes.AsSpan(0, StoredText.Encode(text, bytes)));
    }
}
