namespace EventBus.Sqlite.Opening;

/// <summary>The tables of a log, as the steps that lead from each version of them to the next. A step that was released is never changed: files of its version are out there.</summary>
/// <remarks>docs/event-log-schema.md tells what each table and column is for.</remarks>
internal static class Schema
{
    /// <summary>Marks a file as a log: "EvBs", see https://www.sqlite.org/pragma.html#pragma_application_id.</summary>
    public const int ApplicationId = 0x45764273;

    public static IReadOnlyList<string> Steps { get; } = [Version1, Version2, Version3];

    // The columns of an event are the same in three tables, and so is the code that writes and reads them. What a search by time or type has to read stands before
    // the body: a body may go on in other pages.
    private const string EventColumns = """
        time INTEGER NOT NULL,
        type INTEGER NOT NULL,
        is_id_given INTEGER NOT NULL,
        id TEXT NOT NULL,
        source TEXT,
        subject TEXT,
        key TEXT,
        correlation_id TEXT,
        causation_id TEXT,
        headers TEXT,
        expires_at INTEGER,
        checksum INTEGER NOT NULL,
        body BLOB NOT NULL
        """;

    // Ids that the bus made are never looked for. A unique index over all ids made a commit three times as slow with 600,000 random ones: each goes to a page of its own.
    private const string Version1 = $"""
        CREATE TABLE log (
            one INTEGER PRIMARY KEY CHECK (one = 1),
            head INTEGER NOT NULL,
            events INTEGER NOT NULL,
            epoch INTEGER NOT NULL,
            is_closed INTEGER NOT NULL
        ) STRICT;
        INSERT INTO log VALUES (1, 0, 0, 0, 1);

        CREATE TABLE types (
            type INTEGER PRIMARY KEY,
            name TEXT NOT NULL,
            version INTEGER NOT NULL,
            UNIQUE (name, version)
        ) STRICT;

        CREATE TABLE events (
            sequence INTEGER PRIMARY KEY,
            {EventColumns}
        ) STRICT;
        CREATE INDEX events_given_id ON events (id, source) WHERE is_id_given = 1;

        CREATE TRIGGER events_deleted AFTER DELETE ON events BEGIN
            UPDATE log SET events = events - 1 WHERE old.sequence <= head;
            UPDATE log SET
                events = events + (SELECT count(*) FROM events WHERE sequence > log.head),
                head = max(old.sequence, ifnull((SELECT max(sequence) FROM events), 0))
            WHERE old.sequence > head;
        END;

        CREATE TABLE subscriptions (
            name TEXT PRIMARY KEY,
            position INTEGER NOT NULL,
            generation INTEGER NOT NULL,
            replay_end INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE subscription_types (
            subscription TEXT NOT NULL,
            place INTEGER NOT NULL,
            name TEXT NOT NULL,
            PRIMARY KEY (subscription, place)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE deliveries (
            subscription TEXT NOT NULL,
            sequence INTEGER NOT NULL,
            dead_letter INTEGER NOT NULL,
            key TEXT,
            attempts INTEGER NOT NULL,
            state INTEGER NOT NULL,
            due INTEGER NOT NULL,
            wait INTEGER NOT NULL,
            first_attempt INTEGER NOT NULL,
            PRIMARY KEY (subscription, sequence, dead_letter)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE dead_letters (
            dead_letter INTEGER PRIMARY KEY AUTOINCREMENT,
            subscription TEXT NOT NULL,
            is_redriven INTEGER NOT NULL,
            is_superseded INTEGER NOT NULL,
            reason INTEGER NOT NULL,
            attempts INTEGER NOT NULL,
            last_attempt INTEGER NOT NULL,
            exception_type TEXT NOT NULL,
            description TEXT NOT NULL,
            exception_text TEXT NOT NULL,
            sequence INTEGER NOT NULL,
            {EventColumns}
        ) STRICT;
        CREATE INDEX dead_letters_subscription ON dead_letters (subscription, is_redriven);

        CREATE TABLE scheduled (
            entry INTEGER PRIMARY KEY,
            due INTEGER NOT NULL,
            time_to_live INTEGER,
            {EventColumns}
        ) STRICT;
        CREATE UNIQUE INDEX scheduled_id ON scheduled (id);
        CREATE INDEX scheduled_due ON scheduled (due);

        CREATE TABLE claims (
            scope TEXT NOT NULL,
            key TEXT NOT NULL,
            token INTEGER NOT NULL,
            until INTEGER NOT NULL,
            PRIMARY KEY (scope, key)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX claims_until ON claims (until);

        CREATE VIEW readable_events AS
        SELECT e.sequence, strftime('%Y-%m-%d %H:%M:%f', e.time / 1000.0, 'unixepoch') AS time, t.name AS type, t.version, e.id, e.source, e.subject, e.key,
            e.correlation_id, e.causation_id, e.headers, CAST(e.body AS TEXT) AS body
        FROM events e LEFT JOIN types t ON t.type = e.type;
        """;

    // The place in a trace at which an event was published.
    private const string Version2 = """
        ALTER TABLE events ADD COLUMN trace_parent TEXT;
        ALTER TABLE events ADD COLUMN trace_state TEXT;
        ALTER TABLE dead_letters ADD COLUMN trace_parent TEXT;
        ALTER TABLE dead_letters ADD COLUMN trace_state TEXT;
        ALTER TABLE scheduled ADD COLUMN trace_parent TEXT;
        ALTER TABLE scheduled ADD COLUMN trace_state TEXT;

        DROP VIEW readable_events;
        CREATE VIEW readable_events AS
        SELECT e.sequence, strftime('%Y-%m-%d %H:%M:%f', e.time / 1000.0, 'unixepoch') AS time, t.name AS type, t.version, e.id, e.source, e.subject, e.key,
            e.correlation_id, e.causation_id, e.headers, e.trace_parent, CAST(e.body AS TEXT) AS body
        FROM events e LEFT JOIN types t ON t.type = e.type;
        """;

    // An event is named by its type, its source and its id. The type's number has a version, which does not count: whoever adds a row looks first, under the write lock.
    // What was claimed before has an id, or a key of the application's own, and does not say which: kind 0.
    private const string Version3 = """
        DROP INDEX scheduled_id;
        CREATE INDEX scheduled_id ON scheduled (id);

        CREATE TABLE claims_of_version_3 (
            scope TEXT NOT NULL,
            key TEXT NOT NULL,
            kind INTEGER NOT NULL,
            event_type TEXT NOT NULL,
            source TEXT NOT NULL,
            token INTEGER NOT NULL,
            until INTEGER NOT NULL,
            PRIMARY KEY (scope, key, kind, event_type, source)
        ) STRICT, WITHOUT ROWID;
        INSERT INTO claims_of_version_3 SELECT scope, key, 0, '', '', token, until FROM claims;
        DROP TABLE claims;
        ALTER TABLE claims_of_version_3 RENAME TO claims;
        CREATE INDEX claims_until ON claims (until);
        """;
}
