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
    public void A_row_that_was_stored_beyond_the_position_is_known_when_its_event_is_read_and_held_until_then()
    {
        var checkpoint = new Checkpoint(3, 8, withKeys: false);
        UnsettledRow[] rows = [Rows.Of(2), Rows.Of(5), Rows.Of(6, deadLetterId: 1)];
        foreach (var row in rows)
            checkpoint.Load(row);

        Assert.Equal([rows[0]], Released(checkpoint));
        Assert.Equal([false, false, true, false], new long[] { 2, 4, 5, 6 }.Select(checkpoint.IsKnown));
        Assert.Equal((3, 3, false), (checkpoint.RowsAtRest, checkpoint.Position, checkpoint.HasChanges));

        checkpoint.Pass(5);
        Assert.Equal([rows[1]], Released(checkpoint));
        Assert.Equal((true, RowPhase.Waiting, RowPhase.Held), (checkpoint.AnyHeld, rows[1].Phase, rows[2].Phase));

        checkpoint.Pass(6);
        Assert.Equal([rows[2]], Released(checkpoint));
        Assert.Equal((false, 3), (checkpoint.AnyHeld, checkpoint.RowsAtRest));
    }

    [Fact]
    public void An_earlier_one_of_a_key_that_comes_to_wait_later_is_the_first_and_what_was_the_first_follows_it()
    {
        var checkpoint = new Checkpoint(0, 8, withKeys: true);
        var (first, second, third) = (Rows.Of(1, "a"), Rows.Of(2, "a"), Rows.Of(3, "a"));
        checkpoint.Load(second);
        checkpoint.Load(third);
        checkpoint.Begin(1, "a", Rows.Of);
        checkpoint.Pass(3);

        Assert.Equal([second, third], Released(checkpoint));
        Assert.False(checkpoint.IsBehind("a", first.Id));
        checkpoint.Park(first);

        Assert.Equal((RowPhase.Waiting, RowPhase.Behind, RowPhase.Behind), (first.Phase, second.Phase, third.Phase));
        Assert.Same(second, checkpoint.Release(first.Id, "a"));
        Assert.Same(third, checkpoint.Release(second.Id, "a"));
    }

    [Fact]
    public void What_a_dead_letter_has_settled_beyond_the_position_is_stored_as_settled_until_the_position_has_passed_it()
    {
        var checkpoint = Reading(1, 2);
        checkpoint.Leave(new(2));
        var (id, stored) = Assert.Single(checkpoint.TakeChanges().Deliveries);
        Assert.Equal((new DeliveryId(2), LogDeliveryState.Settled), (id, stored?.State));
        checkpoint.Committed();
        checkpoint.Forget(new(2));
        Assert.False(checkpoint.HasChanges);

        checkpoint.Forget(new(1));
        Assert.Equal([(new DeliveryId(2), (LogDelivery?)null)], checkpoint.TakeChanges().Deliveries);
        checkpoint.Committed();

        Assert.False(checkpoint.HasChanges);
    }

    [Fact]
    public void What_is_stored_as_settled_is_known_when_its_event_is_read()
    {
        var checkpoint = new Checkpoint(3, 8, withKeys: false);
        checkpoint.LoadSettled(5);
        Assert.Equal([false, true], new long[] { 4, 5 }.Select(checkpoint.IsKnown));
        Assert.Equal((0, false), (checkpoint.Unsettled, checkpoint.HasChanges));

        checkpoint.Pass(5);

        Assert.Equal([(new DeliveryId(5), (LogDelivery?)null)], checkpoint.TakeChanges().Deliveries);
    }

    [Fact]
    public void Of_the_loaded_rows_of_a_key_the_first_waits_for_its_time_and_the_others_behind_it()
    {
        var checkpoint = new Checkpoint(9, 8, withKeys: true);
        var (first, second) = (Rows.Of(2, "a"), Rows.Of(5, "a"));

        checkpoint.Load(first);
        checkpoint.Load(second);
        Assert.Equal([first, second], Released(checkpoint));

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

    private static List<UnsettledRow> Released(Checkpoint checkpoint)
    {
        var released = new List<UnsettledRow>();
        while (checkpoint.TryRelease(out var row))
            released.Add(row);
        return released;
    }

    private static Checkpoint Reading(params long[] sequences)
    {
        var checkpoint = new Checkpoint(sequences[0] - 1, 8, withKeys: true);
        foreach (var sequence in sequences)
            checkpoint.Begin(sequence, null, Rows.Of);
        return checkpoint;
    }
}
