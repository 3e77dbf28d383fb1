using EventBus.Sqlite.Tests.Support;

namespace EventBus.Sqlite.Tests;

public sealed class SequenceTests : IDisposable
{
    private const int Many = 25_000;

    private readonly OpenFile _file = new(new() { Synchronous = SqliteSynchronous.Normal });

    public void Dispose() => _file.Dispose();

    [Fact]
    public void A_sequence_whose_row_somebody_deleted_is_not_given_again()
    {
        _file.Append(Facts.Event("a"), Facts.Event("b"));
        _file.Restart();
        var last = _file.Append(Facts.Event("c"), Facts.Event("d"));
        using (var other = _file.Connect())
            other.Run("DELETE FROM events");

        var opening = _file.Restart();

        Assert.Equal(last, opening.Head);
        Assert.True(_file.Append(Facts.Event("e")) > last);
    }

    [Fact]
    public void Events_are_counted_right_however_they_came_and_went()
    {
        AppendMany();
        Assert.Equal((Many, 1, Many), Counted());

        _file.Commit(static transaction => transaction.RemoveEvents(long.MaxValue, null, 1000));
        Assert.Equal((Many - 1000, 1001, Many), Counted());

        _file.Append(Facts.Event("one more"));
        using (var other = _file.Connect())
            other.Run($"DELETE FROM events WHERE sequence IN (2000, {Many + 1})");
        Assert.Equal((Many - 1001, 1001, Many + 1), Counted());

        _file.Restart();
        Assert.Equal((Many - 1001, 1001, Many + 1), Counted());
    }

    [Fact]
    public void No_more_than_ten_thousand_events_are_left_to_be_counted()
    {
        AppendMany();

        using var other = _file.Connect();
        Assert.True(other.Number("SELECT head FROM log") > Many - 10_000);
        Assert.Equal(other.Number("SELECT head FROM log"), other.Number("SELECT events FROM log"));
    }

    [Fact]
    public void What_is_rolled_back_is_not_counted()
    {
        AppendMany();
        using (var transaction = _file.Log.Begin())
        {
            for (var i = 0; i < Many; i++)
                transaction.Append(Facts.Event("rolled back"), null);
            transaction.RemoveEvents(long.MaxValue, null, 500);
        }

        AppendMany();

        Assert.Equal(2 * Many, _file.Log.ReadStatistics().Events);
    }

    private void AppendMany()
    {
        for (var i = 0; i < Many; i += 500)
            _file.Append([.. Enumerable.Range(0, 500).Select(static i => Facts.Event($"{i}"))]);
    }

    private (long Events, long Oldest, long Head) Counted()
    {
        var statistics = _file.Log.ReadStatistics();
        return (statistics.Events, statistics.Oldest, statistics.Head);
    }
}
