using EventBus.Checkpointing;
using EventBus.Storage;

namespace EventBus.UnitTests.Checkpointing;

public sealed class CheckpointTests
{
    [Fact]
    public void The_position_is_the_last_below_which_all_is_settled_or_has_a_row()
    {
        var checkpoint = Reading(5, 6, 8);
        Assert.Equal((8, 4), (checkpoint.ReadUpTo, checkpoint.Position));

        checkpoint.Forget(new(6));
        Assert.Equal(4, checkpoint.Position);

        checkpoint.Forget(new(5));
        Assert.Equal(7, checkpoint.Position);

        checkpoint.Park(Rows.Of(8));
        Assert.Equal((8, 1, 1), (checkpoint.Position, checkpoint.Rows, checkpoint.Unsettled));
    }

    [Fact]
    public void What_the_subscription_does_not_want_is_passed()
    {
        var checkpoint = new Checkpoint(4, 8, withKeys: false);

        checkpoint.Pass(9);
        checkpoint.Pass(7);

        Assert.Equal((9, 9, 4), (checkpoint.ReadUpTo, checkpoint.Position, checkpoint.SavedPosition));
        Assert.True(checkpoint.HasChanges);
    }

    [Fact]
    public void A_delivery_is_in_hand_until_it_waits_and_again_when_it_comes_back()
    {
        var checkpoint = Reading(1);
        var row = Rows.Of(1);
        Assert.True(checkpoint.IsInHand(new(1)));

        checkpoint.Park(row);
        Assert.Equal((RowPhase.Waiting, 0, 1, false), (row.Phase, checkpoint.InHand, checkpoint.RowsAtRest, checkpoint.IsInHand(new(1))));

        checkpoint.SetPhase(row, RowPhase.Due);
        Assert.Equal((0, 0, false), (checkpoint.InHand, checkpoint.RowsAtRest, checkpoint.IsInHand(new(1))));

        checkpoint.SetPhase(row, RowPhase.InHand);
        Assert.Equal((1, 0, true), (checkpoint.InHand, checkpoint.RowsAtRest, checkpoint.IsInHand(new(1))));

        checkpoint.Forget(new(1));
        Assert.Equal((0, 0, 0), (checkpoint.InHand, checkpoint.Rows, checkpoint.Unsettled));
    }

    [Fact]
    public void There_is_room_for_as_many_in_hand_as_it_was_made_for()
    {
        var checkpoint = new Checkpoint(0, 2, withKeys: false);
        checkpoint.Begin(1, null, Rows.Of);
        Assert.True(checkpoint.HasRoom);

        checkpoint.Begin(2, null, Rows.Of);
        Assert.False(checkpoint.HasRoom);

        checkpoint.Park(Rows.Of(1));
        Assert.True(checkpoint.HasRoom);
    }

    [Fact]
    public void Behind_one_that_waits_the_others_of_its_key_wait_and_follow_in_order()
    {
        var checkpoint = Reading(1, 2, 3);
        checkpoint.Park(Rows.Of(1, "a"));
        var (second, third) = (Rows.Of(2, "a"), Rows.Of(3, "a"));
        Assert.True(checkpoint.AnyBlocked);
        Assert.True(checkpoint.IsBehind("a", second.Id));
        Assert.False(checkpoint.IsBehind("b", second.Id));

        checkpoint.PutBehind(second);
        checkpoint.PutBehind(third);
        Assert.Equal((RowPhase.Behind, RowPhase.Behind, 3), (second.Phase, third.Phase, checkpoint.RowsAtRest));

        checkpoint.Forget(new(1));
        Assert.Same(second, checkpoint.Release(new(1), "a"));
        Assert.Equal((RowPhase.Due, 1), (second.Phase, checkpoint.RowsAtRest));
        Assert.Null(checkpoint.Release(third.Id, "a"));
    }

    [Fact]
    public void Where_the_window_fills_up_behind_one_delivery_it_gets_a_row_and_stays_in_hand()
    {
        var checkpoint = new Checkpoint(0, 2, withKeys: true);
        checkpoint.Begin(1, "a", Rows.Of);
        for (var sequence = 2; sequence <= 8; sequence++)
        {
            checkpoint.Begin(sequence, null, Rows.Of);
            checkpoint.Forget(new(sequence));
        }

        Assert.Equal((0, 0), (checkpoint.Position, checkpoint.Rows));
        checkpoint.Begin(9, null, Rows.Of);

        Assert.Equal((8, 1, 2), (checkpoint.Position, checkpoint.Rows, checkpoint.InHand));
        Assert.True(checkpoint.TryGetRow(new(1), out var row));
        Assert.Equal(("a", RowPhase.InHand), (row.Key, row.Phase));
    }

    [Fact]
    public void Those_that_later_ones_have_overtaken_get_rows_and_no_others()
    {
        var checkpoint = Reading(1, 2, 3, 4, 5);
        checkpoint.Forget(new(2));
        checkpoint.Forget(new(4));

        checkpoint.KeepOvertaken(Rows.Of);

        Assert.Equal((4, 2, 3), (checkpoint.Position, checkpoint.Rows, checkpoint.InHand));
        Assert.True(checkpoint.TryGetRow(new(1), out _));
        Assert.True(checkpoint.TryGetRow(new(3), out _));
        Assert.True(checkpoint.IsInHand(new(5)));
    }

    [Fact]
    public void Of_nothing_the_oldest_is_not_kept()
    {
        var checkpoint = new Checkpoint(3, 8, withKeys: false);

        checkpoint.KeepOldest(Rows.Of);

        Assert.Equal(0, checkpoint.Rows);
    }

    [Fact]
    public void A_row_that_was_stored_beyond_the_position_is_known_when_its_event_is_read_and_only_then()
    {
        var checkpoint = new Checkpoint(3, 8, withKeys: false);
        checkpoint.Load(Rows.Of(2), isBehind: false);
        checkpoint.Load(Rows.Of(5), isBehind: false);
        checkpoint.Load(Rows.Of(6, deadLetterId: 1), isBehind: false);

        Assert.Equal([false, false, true, false, false], new long[] { 2, 4, 5, 5, 6 }.Select(checkpoint.IsLoaded));
        Assert.Equal((3, 3, false), (checkpoint.RowsAtRest, checkpoint.Position, checkpoint.HasChanges));
    }

    [Fact]
    public void Of_the_loaded_rows_of_a_key_the_first_waits_for_its_time_and_the_others_behind_it()
    {
        var checkpoint = new Checkpoint(9, 8, withKeys: true);
        var (first, second) = (Rows.Of(2, "a"), Rows.Of(5, "a"));

        checkpoint.Load(first, isBehind: checkpoint.IsBehind("a", first.Id));
        checkpoint.Load(second, isBehind: checkpoint.IsBehind("a", second.Id));

        Assert.Equal((RowPhase.Waiting, RowPhase.Behind), (first.Phase, second.Phase));
        Assert.Same(second, checkpoint.Release(first.Id, "a"));
    }

    [Fact]
    public void What_changed_is_taken_once()
    {
        var checkpoint = Reading(1, 2);
        checkpoint.Park(Rows.Of(1));
        checkpoint.Forget(new(2));

        var changes = checkpoint.TakeChanges();

        Assert.Equal((0, 2), (changes.PreviousPosition, changes.Position));
        var (id, stored) = Assert.Single(changes.Deliveries);
        Assert.Equal((new DeliveryId(1), LogDeliveryState.Waiting), (id, stored?.State));
        Assert.False(checkpoint.HasChanges);
        checkpoint.Committed();
        Assert.True(checkpoint.TakeChanges().IsEmpty);
    }

    [Fact]
    public void A_position_counts_as_saved_once_it_is_committed_and_not_when_it_is_written()
    {
        var checkpoint = Reading(1, 2);
        checkpoint.Forget(new(1));

        checkpoint.TakeChanges();
        Assert.Equal((0, false), (checkpoint.SavedPosition, checkpoint.HasChanges));

        checkpoint.Forget(new(2));
        checkpoint.Committed();
        Assert.Equal((1, true), (checkpoint.SavedPosition, checkpoint.HasChanges));
    }

    [Fact]
    public void A_row_that_is_settled_is_to_be_forgotten()
    {
        var checkpoint = Reading(1);
        checkpoint.Park(Rows.Of(1));
        checkpoint.TakeChanges();
        checkpoint.Committed();

        checkpoint.Forget(new(1));

        Assert.Equal([(new DeliveryId(1), (LogDelivery?)null)], checkpoint.TakeChanges().Deliveries);
    }

    [Fact]
    public void What_was_taken_and_not_stored_is_there_to_be_taken_again_as_it_is_by_then()
    {
        var checkpoint = Reading(1, 2, 3);
        checkpoint.Park(Rows.Of(1));
        checkpoint.Park(Rows.Of(2));
        var lost = checkpoint.TakeChanges();
        checkpoint.Forget(new(1));
        checkpoint.Forget(new(3));

        checkpoint.TakeBack(lost);
        var again = checkpoint.TakeChanges();

        Assert.Equal((0, 3), (again.PreviousPosition, again.Position));
        Assert.Equal([(1L, false), (2L, true)], again.Deliveries.Select(static change => (change.Id.Sequence, change.Stored is not null)).Order());
    }

    private static Checkpoint Reading(params long[] sequences)
    {
        var checkpoint = new Checkpoint(sequences[0] - 1, 8, withKeys: true);
        foreach (var sequence in sequences)
            checkpoint.Begin(sequence, null, Rows.Of);
        return checkpoint;
    }
}
