using System.Text;
using EventBus.Sqlite.Tests.Support;
using EventBus.Storage;

namespace EventBus.Sqlite.Tests;

public sealed class DamagedFileTests : IDisposable
{
    private const int Page = 4096;

    private readonly OpenFile _file = new();

    public DamagedFileTests()
    {
        for (var i = 0; i < 50; i++)
            _file.Append(Facts.Event($"{i}", body: $"the body of event {i}. {new string('.', 500)}"));
        _file.Commit(static transaction =>
        {
            transaction.SaveSubscription(new() { Name = "a subscription of many", Position = 0 });
            return 0;
        });
        _file.Log.Close(clean: true);
    }

    public void Dispose() => _file.Dispose();

    [Fact]
    public void A_flipped_bit_in_a_body_comes_back_with_the_checksum_that_tells_it()
    {
        Change("the body of event 25.", static (bytes, at) => bytes[at] ^= 1);
        _file.Restart();

        var record = _file.Log.Read([26])[0];

        Assert.StartsWith("uhe body of event 25.", Encoding.UTF8.GetString(record.Body.Span), StringComparison.Ordinal);
        Assert.Equal(7u, record.Checksum);
        Assert.Equal(50, _file.Log.Ids().Count());
    }

    [Theory]
    [InlineData(long.MaxValue)]
    [InlineData(long.MinValue)]
    public void A_flipped_bit_in_a_time_does_not_keep_the_row_from_being_read(long time)
    {
        using (var connection = _file.Connect())
        using (var command = connection.CreateCommand())
        {
            command.CommandText = $"UPDATE events SET time = {time}, expires_at = {time} WHERE sequence = 26";
            Assert.Equal(1, command.ExecuteNonQuery());
        }

        _file.Restart();

        var record = _file.Log.Read([26])[0];

        Assert.Equal("25", record.Id);
        Assert.InRange(record.Time.Year, time < 0 ? 1 : 9999, time < 0 ? 1 : 9999);
        Assert.Equal(50, _file.Log.Ids().Count());
    }

    [Fact]
    public void A_damaged_page_is_an_error_for_good_that_names_the_remedy()
    {
        DamagePageOf("the body of event 25.");
        _file.Restart();

        var failure = Assert.Throws<EventLogException>(() => _file.Log.Read(0, 100));

        Assert.False(failure.IsTransient);
        Assert.StartsWith($"The event log '{_file.Path}' is damaged (SQLite error ", failure.Message, StringComparison.Ordinal);
        Assert.EndsWith($"go back to a backup, or let the sqlite3 shell save what it can: sqlite3 '{_file.Path}' .recover", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_lies_on_other_pages_is_still_read_after_a_damaged_one_was_met()
    {
        DamagePageOf("the body of event 25.");
        _file.Restart();
        Assert.Throws<EventLogException>(() => _file.Log.Read(0, 100));

        Assert.Equal("0", Assert.Single(_file.Log.Read(0, 1)).Id);
        Assert.Equal("49", Assert.Single(_file.Log.Read([50])).Id);
    }

    [Fact]
    public void Writing_to_a_damaged_page_is_an_error_for_good_and_changes_nothing()
    {
        _file.Restart();
        _file.Commit(static transaction => transaction.Claim(new("a claim of many", "x"), TimeSpan.FromMinutes(1), Facts.Time));
        _file.Log.Close(clean: true);
        DamagePageOf("a claim of many");
        _file.Restart();

        var failure = Assert.Throws<EventLogException>(() => _file.Commit(static transaction =>
        {
            transaction.Append(Facts.Event("x"), null);
            return transaction.Claim(new("a claim of many", "x"), TimeSpan.FromMinutes(1), Facts.Time.AddDays(1));
        }));

        Assert.False(failure.IsTransient);
        Assert.Contains("is damaged", failure.Message, StringComparison.Ordinal);
        Assert.Equal(50, _file.Log.Ids().Count());
    }

    [Fact]
    public void A_log_whose_subscriptions_are_on_a_damaged_page_is_not_opened()
    {
        DamagePageOf("a subscription of many");

        Assert.Contains("is damaged", Assert.Throws<EventLogException>(() => _file.Restart()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_log_whose_end_is_damaged_is_not_opened()
    {
        DamagePageOf("the body of event 49.");

        var failure = Assert.Throws<EventLogException>(() => _file.Restart());

        Assert.False(failure.IsTransient);
        Assert.Contains("is damaged", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_check_of_integrity_finds_a_damaged_page()
    {
        DamagePageOf("the body of event 25.");
        _file.Restart();

        Assert.NotEmpty(_file.Log.CheckIntegrity());
    }

    [Fact]
    public void The_check_of_integrity_finds_rows_that_do_not_fit_together()
    {
        _file.Restart();
        using (var other = _file.Connect())
            other.Run("DELETE FROM types; INSERT INTO subscriptions VALUES ('it''s ahead', 51, 0, 0)");

        var found = _file.Log.CheckIntegrity();

        Assert.Equal("subscription 'it''s ahead' has the position 51, beyond the last sequence 50", found[0]);
        Assert.Equal("event 1 has a type that the table types does not have", found[1]);
        Assert.Equal(51, found.Count);
    }

    [Fact]
    public void An_event_whose_type_was_deleted_comes_back_with_a_type_that_nobody_knows()
    {
        using (var other = _file.Connect())
            other.Run("DELETE FROM types");
        _file.Restart();

        Assert.Equal("type 1 of the table types, which is not there", _file.Log.Read(0, 1)[0].Type);
    }

    private void DamagePageOf(string text) => Change(text, static (bytes, at) => bytes.AsSpan(at / Page * Page, 16).Fill(0xFF));

    private void Change(string text, Action<byte[], int> change)
    {
        var bytes = File.ReadAllBytes(_file.Path);
        var at = bytes.AsSpan().IndexOf(Encoding.UTF8.GetBytes(text));
        Assert.True(at > 0);
        change(bytes, at);
        File.WriteAllBytes(_file.Path, bytes);
    }
}
