using EventBus.Sqlite.Tests.Support;
using EventBus.Storage;

namespace EventBus.Sqlite.Tests;

/// <summary>A row with a value that the bus never writes is told when the file is opened, by the row and the rule: not later, when something has been accepted.</summary>
public sealed class DamagedRowTests : IDisposable
{
    private readonly OpenFile _file = new();

    public DamagedRowTests()
    {
        _file.Append(Facts.Event("a"), Facts.Event("b"), Facts.Event("c"));
        _file.Commit(static transaction =>
        {
            transaction.SaveSubscription(new() { Name = "stock", Position = 3, Generation = 1, ReplayEnd = 2, EventTypes = ["order-placed"] });
            transaction.SaveDelivery("stock", new() { Sequence = 2, Key = "k", Attempts = 3, State = LogDeliveryState.Waiting, Due = Facts.Time, Wait = TimeSpan.FromTicks(12345) });
            transaction.AddDeadLetter(Facts.Letter("a", "stock"));
            transaction.AddScheduled(new(Facts.Event("later"), Facts.Time.AddDays(1), TimeSpan.FromMinutes(5)));
            return 0;
        });
        _file.Log.Close(clean: true);
    }

    public void Dispose() => _file.Dispose();

    [Theory]
    [InlineData("UPDATE log SET head = -1", "the log has the head -1, which is no sequence")]
    [InlineData("UPDATE log SET head = 9223372036854775807", "the log has the head 9223372036854775807, which is no sequence")]
    [InlineData("UPDATE log SET events = -5", "the log has -5 events up to its head")]
    [InlineData("UPDATE log SET epoch = 4194305", "the log was opened 4194305 times")]
    [InlineData("UPDATE log SET is_closed = 2", "the log has the mark is_closed 2 instead of 0 or 1")]
    [InlineData("DELETE FROM log", "the table log has 0 rows instead of one")]
    [InlineData("UPDATE events SET sequence = 0 WHERE sequence = 1", "event 0 has a number that is no sequence")]
    [InlineData("UPDATE events SET sequence = 9223372036854775807 WHERE sequence = 3", "event 9223372036854775807 has a number that is no sequence")]
    [InlineData("UPDATE types SET version = 0", "type 1 has the version 0")]
    [InlineData("UPDATE types SET version = 2147483648", "type 1 has the version 2147483648")]
    [InlineData("UPDATE subscriptions SET position = 4", "subscription 'stock' has the position 4, beyond the last sequence 3")]
    [InlineData("UPDATE subscriptions SET position = -1", "subscription 'stock' has the position -1, which is below 0")]
    [InlineData("UPDATE subscriptions SET generation = -1", "subscription 'stock' has the generation -1")]
    [InlineData("UPDATE subscriptions SET replay_end = 4", "subscription 'stock' has a replay that ends at 4, and the last sequence is 3")]
    [InlineData("UPDATE deliveries SET sequence = 0", "delivery 0 of subscription 'stock' has a number that is no sequence up to 3")]
    [InlineData("UPDATE deliveries SET sequence = 4", "delivery 4 of subscription 'stock' has a number that is no sequence up to 3")]
    [InlineData("UPDATE deliveries SET dead_letter = -1", "delivery 2 of subscription 'stock' has the dead letter -1")]
    [InlineData("UPDATE deliveries SET state = 4", "delivery 2 of subscription 'stock' has the state 4, and 0 to 3 are known")]
    [InlineData("UPDATE deliveries SET state = -1", "delivery 2 of subscription 'stock' has the state -1, and 0 to 3 are known")]
    [InlineData("UPDATE deliveries SET attempts = 2147483647", "delivery 2 of subscription 'stock' has made 2147483647 attempts")]
    [InlineData("UPDATE deliveries SET due = 9223372036854775807", "delivery 2 of subscription 'stock' has a time outside the years 1 to 9999, or waits for less than nothing")]
    [InlineData("UPDATE deliveries SET first_attempt = -9223372036854775808", "delivery 2 of subscription 'stock' has a time outside the years 1 to 9999, or waits for less than nothing")]
    [InlineData("UPDATE deliveries SET wait = -1", "delivery 2 of subscription 'stock' has a time outside the years 1 to 9999, or waits for less than nothing")]
    [InlineData("UPDATE dead_letters SET dead_letter = 0", "dead letter 0 has a number outside its range")]
    [InlineData("UPDATE sqlite_sequence SET seq = 9223372036854775807", "the last dead letter has the number 9223372036854775807")]
    [InlineData("UPDATE dead_letters SET reason = 5", "dead letter 1 has the reason 5, and 0 to 4 are known")]
    [InlineData("UPDATE dead_letters SET attempts = -1", "dead letter 1 has made -1 attempts")]
    [InlineData("UPDATE dead_letters SET last_attempt = 9223372036854775807", "dead letter 1 has a time outside the years 1 to 9999")]
    [InlineData("UPDATE dead_letters SET is_redriven = 2", "dead letter 1 has a mark that is neither 0 nor 1")]
    [InlineData("UPDATE dead_letters SET is_superseded = -1", "dead letter 1 has a mark that is neither 0 nor 1")]
    [InlineData("UPDATE scheduled SET due = 9223372036854775807", "scheduled event 1 is due outside the years 1 to 9999")]
    [InlineData("UPDATE scheduled SET time_to_live = 0", "scheduled event 1 has the time to live 0, which is not above 0")]
    [InlineData("UPDATE scheduled SET time_to_live = -9223372036854775808", "scheduled event 1 has the time to live -9223372036854775808, which is not above 0")]
    [InlineData("UPDATE scheduled SET id = CAST(x'6C61FF' AS TEXT)", "scheduled event 1 has an id or a source that is no text")]
    public void A_value_outside_its_range_is_refused_with_the_row_the_rule_and_the_remedy(string damage, string told)
    {
        using (var other = _file.Connect())
            other.Run(damage);

        var refusal = Assert.Throws<EventLogException>(() => _file.Restart());

        Assert.False(refusal.IsTransient);
        Assert.Equal(
            $"The event log '{_file.Path}' was not opened: {told}. A row was damaged or changed by hand, and the bus writes none of these. Keep a copy of the file and go back to a backup, or correct these rows with the "
            + "sqlite3 shell while no bus has the file open; docs/event-log-schema.md tells what each column is for.",
            refusal.Message);
    }

    [Fact]
    public void Many_damaged_rows_are_told_in_part()
    {
        using (var other = _file.Connect())
            other.Run("WITH n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 50) INSERT INTO subscriptions SELECT 's' || i, 4, 0, 0 FROM n");

        var refusal = Assert.Throws<EventLogException>(() => _file.Restart());

        Assert.Contains(", and more. A row was damaged", refusal.Message, StringComparison.Ordinal);
        Assert.Equal(10, refusal.Message.Split("has the position").Length - 1);
    }

    [Theory]
    [InlineData("checksum = checksum + 1")]
    [InlineData("checksum = checksum + 4294967296")]
    [InlineData("checksum = checksum - 4294967296")]
    [InlineData("sequence = 9")]
    public void An_event_whose_number_or_checksum_was_changed_comes_back_with_another_checksum(string change)
    {
        _file.Restart();
        using (var other = _file.Connect())
            other.Run($"UPDATE events SET {change} WHERE sequence = 2");

        Assert.NotEqual(7u, _file.Log.Read([2, 9])[0].Checksum);
    }

    [Theory]
    [InlineData("due = due + 1")]
    [InlineData("time_to_live = time_to_live + 1")]
    [InlineData("time_to_live = NULL")]
    public void A_scheduled_event_whose_time_was_changed_no_longer_fits_its_checksum(string change)
    {
        _file.Restart();
        using (var other = _file.Connect())
            other.Run($"UPDATE scheduled SET {change}");

        Assert.NotEqual(7u, _file.Log.ReadScheduled(1)[0].Record.Checksum);
    }
}
