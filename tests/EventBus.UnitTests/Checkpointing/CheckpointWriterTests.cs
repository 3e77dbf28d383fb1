using EventBus.Checkpointing;
using EventBus.Recording;
using EventBus.Storage;
using EventBus.Timing;
using EventBus.UnitTests.Support;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace EventBus.UnitTests.Checkpointing;

/// <summary>The test is the log's writer: it begins the transactions, and says what became of them.</summary>
public sealed class CheckpointWriterTests : IDisposable
{
    private const string Name = "audit";

    private readonly InMemoryEventLog _log = new();
    private readonly Checkpoint _checkpoint = new(0, 8, withKeys: false);
    private readonly CheckpointWriter _writer;

    public CheckpointWriterTests()
    {
        _log.Open();
        using var transaction = _log.Begin();
        transaction.SaveSubscription(new LogSubscription { Name = Name, Position = 0 });
        transaction.Commit();
        var clock = new Clock(new FakeTimeProvider());
        var logWriter = new LogWriter(_log, 0, clock, new DueTimer(clock, ThreadStarter.Instance), ThreadStarter.Instance, NullLogger.Instance);
        _writer = new CheckpointWriter(Name, _checkpoint, logWriter, new object());
    }

    private long StoredPosition => Assert.Single(_log.ReadSubscriptions()).Position;

    [Fact]
    public void What_has_not_changed_is_not_written()
    {
        Assert.False(Write());
        Assert.Equal(0, StoredPosition);
    }

    [Fact]
    public void The_position_and_the_rows_go_into_one_transaction()
    {
        Read(1, 2, 3);
        _checkpoint.Forget(new(1));
        _checkpoint.Park(Rows.Of(2, "key"));
        _checkpoint.Forget(new(3));

        Assert.True(Write());

        Assert.Equal(3, StoredPosition);
        var row = Assert.Single(_log.ReadDeliveries(Name));
        Assert.Equal((2, "key"), (row.Sequence, row.Key));
        Assert.False(Write());
    }

    [Fact]
    public void A_row_that_was_settled_is_removed()
    {
        Read(1);
        _checkpoint.Park(Rows.Of(1));
        Write();

        _checkpoint.Forget(new(1));
        Write();

        Assert.Empty(_log.ReadDeliveries(Name));
    }

    [Fact]
    public void What_was_not_committed_is_written_with_the_next()
    {
        Read(1, 2);
        _checkpoint.Park(Rows.Of(1));
        _checkpoint.Forget(new(2));
        Write(isCommitted: false);
        Assert.Equal(0, StoredPosition);

        Assert.True(Write());

        Assert.Equal(2, StoredPosition);
        Assert.Single(_log.ReadDeliveries(Name));
    }

    [Fact]
    public async Task A_delivery_leaves_the_window_in_the_transaction_that_keeps_its_letter()
    {
        Read(1);

        var kept = _writer.KeepAsync(new(1), StoredFacts.Letter(Name, "a"));
        Assert.False(kept.IsCompleted);
        Write();

        Assert.Equal(Assert.Single(Letters()).Id, await kept);
        Assert.Equal(1, StoredPosition);
    }

    [Fact]
    public async Task A_letter_that_was_not_committed_is_kept_with_the_next_and_no_position_goes_before_it()
    {
        Read(1, 2);
        var kept = _writer.KeepAsync(new(1), StoredFacts.Letter(Name, "a"));
        _checkpoint.Forget(new(2));

        Write(isCommitted: false);
        Assert.False(kept.IsCompleted);
        Assert.Equal((0, 0), (StoredPosition, Letters().Count));
        Write();

        Assert.Equal(Assert.Single(Letters()).Id, await kept);
        Assert.Equal(2, StoredPosition);
    }

    [Fact]
    public async Task A_redriven_letter_that_dies_again_makes_room_for_the_new_one()
    {
        Read(1);
        var earlier = await KeepAsync(new(1));
        var row = Rows.Of(1, deadLetterId: earlier);
        _checkpoint.Keep(row);
        Write();

        var later = await KeepAsync(row.Id);

        Assert.NotEqual(earlier, later);
        Assert.Equal(later, Assert.Single(Letters()).Id);
        Assert.Empty(_log.ReadDeliveries(Name));
    }

    [Fact]
    public async Task A_redriven_letter_that_is_handled_is_gone_with_its_delivery()
    {
        Read(1);
        var row = Rows.Of(1, deadLetterId: await KeepAsync(new(1)));
        _checkpoint.Keep(row);
        Write();

        _checkpoint.Forget(row.Id);
        Write();

        Assert.Empty(Letters());
        Assert.Empty(_log.ReadDeliveries(Name));
    }

    [Fact]
    public async Task A_flush_completes_with_the_commit_of_what_has_changed()
    {
        Read(1);
        _checkpoint.Forget(new(1));

        var flushed = _writer.FlushAsync();
        Assert.False(flushed.IsCompleted);
        Write(isCommitted: false);
        Assert.False(flushed.IsCompleted);
        Write();

        await flushed.WaitAsync(TimeSpan.FromSeconds(60));
    }

    [Fact]
    public async Task A_flush_of_nothing_completes_without_a_commit()
    {
        var flushed = _writer.FlushAsync();

        Assert.False(Write());

        await flushed.WaitAsync(TimeSpan.FromSeconds(60));
    }

    [Fact]
    public async Task After_its_end_nothing_is_written_and_nobody_waits()
    {
        Read(1, 2);
        var before = _writer.KeepAsync(new(1), StoredFacts.Letter(Name, "a"));
        var commit = _writer.NextCommitAsync();

        _writer.End();

        Assert.False(Write());
        Assert.Null(await before);
        Assert.False(await commit);
        Assert.Null(await _writer.KeepAsync(new(2), StoredFacts.Letter(Name, "b")));
        Assert.False(await _writer.NextCommitAsync());
        Assert.Equal((0, 0), (StoredPosition, Letters().Count));
    }

    [Fact]
    public async Task What_was_under_way_at_its_end_and_is_not_committed_is_given_up()
    {
        Read(1);
        var kept = _writer.KeepAsync(new(1), StoredFacts.Letter(Name, "a"));

        Write(isCommitted: false, meanwhile: _writer.End);

        Assert.Null(await kept);
    }

    public void Dispose() => _log.Dispose();

    private IReadOnlyList<LogDeadLetter> Letters() => _log.ReadDeadLetters(new(), 0, 10);

    private void Read(params long[] sequences)
    {
        foreach (var sequence in sequences)
            _checkpoint.Begin(sequence, null, Rows.Of);
    }

    private async Task<long> KeepAsync(DeliveryId id)
    {
        var kept = _writer.KeepAsync(id, StoredFacts.Letter(Name, "a"));
        Write();
        return Assert.NotNull(await kept);
    }

    private bool Write(bool isCommitted = true, Action? meanwhile = null)
    {
        bool wrote;
        using (var transaction = _log.Begin())
        {
            wrote = _writer.Write(transaction);
            meanwhile?.Invoke();
            if (isCommitted)
                transaction.Commit();
        }

        if (isCommitted)
            _writer.Committed();
        else
            _writer.NotCommitted();
        return wrote;
    }
}
